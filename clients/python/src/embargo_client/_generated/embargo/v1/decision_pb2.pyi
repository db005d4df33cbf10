import datetime

from embargo_client._generated.embargo.v1 import catalogue_pb2 as _catalogue_pb2
from embargo_client._generated.embargo.v1 import host_pb2 as _host_pb2
from embargo_client._generated.embargo.v1 import policy_pb2 as _policy_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Action(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ACTION_UNSPECIFIED: _ClassVar[Action]
    ACTION_PRESENCE: _ClassVar[Action]
    ACTION_INSTALL: _ClassVar[Action]
    ACTION_UPDATE: _ClassVar[Action]
    ACTION_USE: _ClassVar[Action]
    ACTION_ACQUIRE: _ClassVar[Action]
    ACTION_DISTRIBUTE: _ClassVar[Action]
    ACTION_CONNECT: _ClassVar[Action]

class Effect(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    EFFECT_UNSPECIFIED: _ClassVar[Effect]
    EFFECT_ALLOW: _ClassVar[Effect]
    EFFECT_WARN: _ClassVar[Effect]
    EFFECT_REVIEW: _ClassVar[Effect]
    EFFECT_INDETERMINATE: _ClassVar[Effect]
    EFFECT_DENY: _ClassVar[Effect]

class FailureKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    FAILURE_KIND_UNSPECIFIED: _ClassVar[FailureKind]
    FAILURE_KIND_RUNTIME_ERROR: _ClassVar[FailureKind]
    FAILURE_KIND_BUDGET_EXCEEDED: _ClassVar[FailureKind]
    FAILURE_KIND_MALFORMED_RESULT: _ClassVar[FailureKind]
    FAILURE_KIND_ENGINE_FAULT: _ClassVar[FailureKind]
ACTION_UNSPECIFIED: Action
ACTION_PRESENCE: Action
ACTION_INSTALL: Action
ACTION_UPDATE: Action
ACTION_USE: Action
ACTION_ACQUIRE: Action
ACTION_DISTRIBUTE: Action
ACTION_CONNECT: Action
EFFECT_UNSPECIFIED: Effect
EFFECT_ALLOW: Effect
EFFECT_WARN: Effect
EFFECT_REVIEW: Effect
EFFECT_INDETERMINATE: Effect
EFFECT_DENY: Effect
FAILURE_KIND_UNSPECIFIED: FailureKind
FAILURE_KIND_RUNTIME_ERROR: FailureKind
FAILURE_KIND_BUDGET_EXCEEDED: FailureKind
FAILURE_KIND_MALFORMED_RESULT: FailureKind
FAILURE_KIND_ENGINE_FAULT: FailureKind

class Decision(_message.Message):
    __slots__ = ("decision_id", "host_id", "action", "effect", "findings", "omitted_finding_count", "failures", "missing_facts", "snapshot_id", "evaluate_time", "next_change_time")
    DECISION_ID_FIELD_NUMBER: _ClassVar[int]
    HOST_ID_FIELD_NUMBER: _ClassVar[int]
    ACTION_FIELD_NUMBER: _ClassVar[int]
    EFFECT_FIELD_NUMBER: _ClassVar[int]
    FINDINGS_FIELD_NUMBER: _ClassVar[int]
    OMITTED_FINDING_COUNT_FIELD_NUMBER: _ClassVar[int]
    FAILURES_FIELD_NUMBER: _ClassVar[int]
    MISSING_FACTS_FIELD_NUMBER: _ClassVar[int]
    SNAPSHOT_ID_FIELD_NUMBER: _ClassVar[int]
    EVALUATE_TIME_FIELD_NUMBER: _ClassVar[int]
    NEXT_CHANGE_TIME_FIELD_NUMBER: _ClassVar[int]
    decision_id: str
    host_id: str
    action: Action
    effect: Effect
    findings: _containers.RepeatedCompositeFieldContainer[Finding]
    omitted_finding_count: int
    failures: _containers.RepeatedCompositeFieldContainer[PolicyFailure]
    missing_facts: _containers.RepeatedScalarFieldContainer[str]
    snapshot_id: str
    evaluate_time: _timestamp_pb2.Timestamp
    next_change_time: _timestamp_pb2.Timestamp
    def __init__(self, decision_id: _Optional[str] = ..., host_id: _Optional[str] = ..., action: _Optional[_Union[Action, str]] = ..., effect: _Optional[_Union[Effect, str]] = ..., findings: _Optional[_Iterable[_Union[Finding, _Mapping]]] = ..., omitted_finding_count: _Optional[int] = ..., failures: _Optional[_Iterable[_Union[PolicyFailure, _Mapping]]] = ..., missing_facts: _Optional[_Iterable[str]] = ..., snapshot_id: _Optional[str] = ..., evaluate_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., next_change_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class Finding(_message.Message):
    __slots__ = ("instrument_id", "policy_id", "effect", "disposition", "waiver", "software", "product_id", "vendor_id", "evidence", "message", "detail", "remediation", "citations", "since_time", "next", "rule_span")
    class Disposition(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        DISPOSITION_UNSPECIFIED: _ClassVar[Finding.Disposition]
        DISPOSITION_ACTIVE: _ClassVar[Finding.Disposition]
        DISPOSITION_WAIVED: _ClassVar[Finding.Disposition]
        DISPOSITION_EXEMPT: _ClassVar[Finding.Disposition]
    DISPOSITION_UNSPECIFIED: Finding.Disposition
    DISPOSITION_ACTIVE: Finding.Disposition
    DISPOSITION_WAIVED: Finding.Disposition
    DISPOSITION_EXEMPT: Finding.Disposition
    INSTRUMENT_ID_FIELD_NUMBER: _ClassVar[int]
    POLICY_ID_FIELD_NUMBER: _ClassVar[int]
    EFFECT_FIELD_NUMBER: _ClassVar[int]
    DISPOSITION_FIELD_NUMBER: _ClassVar[int]
    WAIVER_FIELD_NUMBER: _ClassVar[int]
    SOFTWARE_FIELD_NUMBER: _ClassVar[int]
    PRODUCT_ID_FIELD_NUMBER: _ClassVar[int]
    VENDOR_ID_FIELD_NUMBER: _ClassVar[int]
    EVIDENCE_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    DETAIL_FIELD_NUMBER: _ClassVar[int]
    REMEDIATION_FIELD_NUMBER: _ClassVar[int]
    CITATIONS_FIELD_NUMBER: _ClassVar[int]
    SINCE_TIME_FIELD_NUMBER: _ClassVar[int]
    NEXT_FIELD_NUMBER: _ClassVar[int]
    RULE_SPAN_FIELD_NUMBER: _ClassVar[int]
    instrument_id: str
    policy_id: str
    effect: Effect
    disposition: Finding.Disposition
    waiver: Waiver
    software: _host_pb2.SoftwareRef
    product_id: str
    vendor_id: str
    evidence: _containers.RepeatedCompositeFieldContainer[_catalogue_pb2.Evidence]
    message: str
    detail: str
    remediation: str
    citations: _containers.RepeatedCompositeFieldContainer[Citation]
    since_time: _timestamp_pb2.Timestamp
    next: NextEffect
    rule_span: _policy_pb2.SourceSpan
    def __init__(self, instrument_id: _Optional[str] = ..., policy_id: _Optional[str] = ..., effect: _Optional[_Union[Effect, str]] = ..., disposition: _Optional[_Union[Finding.Disposition, str]] = ..., waiver: _Optional[_Union[Waiver, _Mapping]] = ..., software: _Optional[_Union[_host_pb2.SoftwareRef, _Mapping]] = ..., product_id: _Optional[str] = ..., vendor_id: _Optional[str] = ..., evidence: _Optional[_Iterable[_Union[_catalogue_pb2.Evidence, _Mapping]]] = ..., message: _Optional[str] = ..., detail: _Optional[str] = ..., remediation: _Optional[str] = ..., citations: _Optional[_Iterable[_Union[Citation, _Mapping]]] = ..., since_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., next: _Optional[_Union[NextEffect, _Mapping]] = ..., rule_span: _Optional[_Union[_policy_pb2.SourceSpan, _Mapping]] = ...) -> None: ...

class Waiver(_message.Message):
    __slots__ = ("waiver_id", "expire_time", "owner", "reason")
    WAIVER_ID_FIELD_NUMBER: _ClassVar[int]
    EXPIRE_TIME_FIELD_NUMBER: _ClassVar[int]
    OWNER_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    waiver_id: str
    expire_time: _timestamp_pb2.Timestamp
    owner: str
    reason: str
    def __init__(self, waiver_id: _Optional[str] = ..., expire_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., owner: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...

class Citation(_message.Message):
    __slots__ = ("title", "url")
    TITLE_FIELD_NUMBER: _ClassVar[int]
    URL_FIELD_NUMBER: _ClassVar[int]
    title: str
    url: str
    def __init__(self, title: _Optional[str] = ..., url: _Optional[str] = ...) -> None: ...

class NextEffect(_message.Message):
    __slots__ = ("effect", "time")
    EFFECT_FIELD_NUMBER: _ClassVar[int]
    TIME_FIELD_NUMBER: _ClassVar[int]
    effect: Effect
    time: _timestamp_pb2.Timestamp
    def __init__(self, effect: _Optional[_Union[Effect, str]] = ..., time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class PolicyFailure(_message.Message):
    __slots__ = ("policy_id", "kind", "diagnostic")
    POLICY_ID_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    DIAGNOSTIC_FIELD_NUMBER: _ClassVar[int]
    policy_id: str
    kind: FailureKind
    diagnostic: _policy_pb2.Diagnostic
    def __init__(self, policy_id: _Optional[str] = ..., kind: _Optional[_Union[FailureKind, str]] = ..., diagnostic: _Optional[_Union[_policy_pb2.Diagnostic, _Mapping]] = ...) -> None: ...
