// The runner of the clients' conformance suite. Apart from the client's own module, so that its callers
// do not get a YAML reader.
module github.com/embargo-dev/embargo/clients/go/conformance

go 1.26.0

replace github.com/embargo-dev/embargo/clients/go => ../

require (
	github.com/embargo-dev/embargo/clients/go v0.0.0-00010101000000-000000000000
	go.yaml.in/yaml/v3 v3.0.6
	google.golang.org/protobuf v1.36.12
)

require (
	golang.org/x/net v0.60.0 // indirect
	golang.org/x/sys v0.48.0 // indirect
	golang.org/x/text v0.42.0 // indirect
	google.golang.org/genproto/googleapis/rpc v0.0.0-20260817212433-ac3dfec99bb1 // indirect
	google.golang.org/grpc v1.85.0 // indirect
)
