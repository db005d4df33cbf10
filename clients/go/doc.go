// Package embargo asks an Embargo server whether software may be on a host, be installed, updated,
// used, bought, shipped or connected: typed calls with a deadline and retries, typed errors, a gate
// that fails closed, a cache, and a watch of the policies that judge.
//
// It is thin over the generated package embargov1 and adds what every caller would have to get
// right by itself:
//
//   - Each call has a deadline, which is sent to the server and enforced here. A call that found
//     the server unavailable, or overloaded with word when to return, is made again until then, at
//     another server if there is one.
//   - Each failure is a *[CallError] with the contract's [Reason], the fields at fault and the
//     server's retry delay. A status that was answered and a connection that failed are told apart.
//   - A decision that is absent, without effect, or about something else than was asked is an
//     error. It never reaches the caller as a decision.
//   - [Gate] turns a decision into a [Permit], on an explicit ALLOW or WARN and nothing else.
//   - [DecisionCache] gives an answer again only while nothing can have changed it.
//
// A denial is an answer and no error; an error is never an answer. Facts about hosts are personal
// data: no error of this package has any in its text.
package embargo
