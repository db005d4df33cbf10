/** Every message, enum and service of `embargo.v1`. The comments in proto/embargo/v1 are the contract. */

export * from "./gen/embargo/v1/catalogue_pb.js";
export * from "./gen/embargo/v1/decision_pb.js";
export * from "./gen/embargo/v1/decision_service_pb.js";
export * from "./gen/embargo/v1/error_reason_pb.js";
export * from "./gen/embargo/v1/host_pb.js";
export * from "./gen/embargo/v1/policy_pb.js";
export * from "./gen/embargo/v1/policy_service_pb.js";
