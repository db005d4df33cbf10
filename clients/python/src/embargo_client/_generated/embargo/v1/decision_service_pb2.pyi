import datetime

from embargo_client._generated.embargo.v1 import catalogue_pb2 as _catalogue_pb2
from embargo_client._generated.embargo.v1 import decision_pb2 as _decision_pb2
from embargo_client._generated.embargo.v1 import host_pb2 as _host_pb2
from embargo_client._generated.embargo.v1 import policy_pb2 as _policy_pb2
from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.rpc import status_pb2 as _status_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class DecideHostRequest(_message.Message):
    __slots__ = ("facts", "action", "evaluate_time", "require_snapshot_id")
    FACTS_FIELD_NUMBER: _ClassVar[int]
    ACTION_FIELD_NUMBER: _ClassVar[int]
    EVALUATE_TIME_FIELD_NUMBER: _ClassVar[int]
    REQUIRE_SNAPSHOT_ID_FIELD_NUMBER: _ClassVar[int]
    facts: _host_pb2.HostFacts
    action: _decision_pb2.Action
    evaluate_time: _timestamp_pb2.Timestamp
    require_snapshot_id: str
    def __init__(self, facts: _Optional[_Union[_host_pb2.HostFacts, _Mapping]] = ..., action: _Optional[_Union[_decision_pb2.Action, str]] = ..., evaluate_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., require_snapshot_id: _Optional[str] = ...) -> None: ...

class DecideHostResponse(_message.Message):
    __slots__ = ("decision",)
    DECISION_FIELD_NUMBER: _ClassVar[int]
    decision: _decision_pb2.Decision
    def __init__(self, decision: _Optional[_Union[_decision_pb2.Decision, _Mapping]] = ...) -> None: ...

class BatchDecideHostsRequest(_message.Message):
    __slots__ = ("items", "evaluate_time", "require_snapshot_id")
    class BatchItem(_message.Message):
        __slots__ = ("correlation_id", "facts", "action")
        CORRELATION_ID_FIELD_NUMBER: _ClassVar[int]
        FACTS_FIELD_NUMBER: _ClassVar[int]
        ACTION_FIELD_NUMBER: _ClassVar[int]
        correlation_id: str
        facts: _host_pb2.HostFacts
        action: _decision_pb2.Action
        def __init__(self, correlation_id: _Optional[str] = ..., facts: _Optional[_Union[_host_pb2.HostFacts, _Mapping]] = ..., action: _Optional[_Union[_decision_pb2.Action, str]] = ...) -> None: ...
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    EVALUATE_TIME_FIELD_NUMBER: _ClassVar[int]
    REQUIRE_SNAPSHOT_ID_FIELD_NUMBER: _ClassVar[int]
    items: _containers.RepeatedCompositeFieldContainer[BatchDecideHostsRequest.BatchItem]
    evaluate_time: _timestamp_pb2.Timestamp
    require_snapshot_id: str
    def __init__(self, items: _Optional[_Iterable[_Union[BatchDecideHostsRequest.BatchItem, _Mapping]]] = ..., evaluate_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., require_snapshot_id: _Optional[str] = ...) -> None: ...

class BatchDecideHostsResponse(_message.Message):
    __slots__ = ("results", "snapshot", "evaluate_time")
    RESULTS_FIELD_NUMBER: _ClassVar[int]
    SNAPSHOT_FIELD_NUMBER: _ClassVar[int]
    EVALUATE_TIME_FIELD_NUMBER: _ClassVar[int]
    results: _containers.RepeatedCompositeFieldContainer[DecideResult]
    snapshot: _policy_pb2.SnapshotRef
    evaluate_time: _timestamp_pb2.Timestamp
    def __init__(self, results: _Optional[_Iterable[_Union[DecideResult, _Mapping]]] = ..., snapshot: _Optional[_Union[_policy_pb2.SnapshotRef, _Mapping]] = ..., evaluate_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class StreamDecideHostsRequest(_message.Message):
    __slots__ = ("correlation_id", "facts", "action", "evaluate_time", "require_snapshot_id")
    CORRELATION_ID_FIELD_NUMBER: _ClassVar[int]
    FACTS_FIELD_NUMBER: _ClassVar[int]
    ACTION_FIELD_NUMBER: _ClassVar[int]
    EVALUATE_TIME_FIELD_NUMBER: _ClassVar[int]
    REQUIRE_SNAPSHOT_ID_FIELD_NUMBER: _ClassVar[int]
    correlation_id: str
    facts: _host_pb2.HostFacts
    action: _decision_pb2.Action
    evaluate_time: _timestamp_pb2.Timestamp
    require_snapshot_id: str
    def __init__(self, correlation_id: _Optional[str] = ..., facts: _Optional[_Union[_host_pb2.HostFacts, _Mapping]] = ..., action: _Optional[_Union[_decision_pb2.Action, str]] = ..., evaluate_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., require_snapshot_id: _Optional[str] = ...) -> None: ...

class StreamDecideHostsResponse(_message.Message):
    __slots__ = ("result",)
    RESULT_FIELD_NUMBER: _ClassVar[int]
    result: DecideResult
    def __init__(self, result: _Optional[_Union[DecideResult, _Mapping]] = ...) -> None: ...

class DecideResult(_message.Message):
    __slots__ = ("correlation_id", "decision", "error")
    CORRELATION_ID_FIELD_NUMBER: _ClassVar[int]
    DECISION_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    correlation_id: str
    decision: _decision_pb2.Decision
    error: _status_pb2.Status
    def __init__(self, correlation_id: _Optional[str] = ..., decision: _Optional[_Union[_decision_pb2.Decision, _Mapping]] = ..., error: _Optional[_Union[_status_pb2.Status, _Mapping]] = ...) -> None: ...

class DecideInventoryRequest(_message.Message):
    __slots__ = ("document", "format", "path", "about", "action", "evaluate_time", "require_snapshot_id")
    DOCUMENT_FIELD_NUMBER: _ClassVar[int]
    FORMAT_FIELD_NUMBER: _ClassVar[int]
    PATH_FIELD_NUMBER: _ClassVar[int]
    ABOUT_FIELD_NUMBER: _ClassVar[int]
    ACTION_FIELD_NUMBER: _ClassVar[int]
    EVALUATE_TIME_FIELD_NUMBER: _ClassVar[int]
    REQUIRE_SNAPSHOT_ID_FIELD_NUMBER: _ClassVar[int]
    document: bytes
    format: str
    path: str
    about: _host_pb2.HostFacts
    action: _decision_pb2.Action
    evaluate_time: _timestamp_pb2.Timestamp
    require_snapshot_id: str
    def __init__(self, document: _Optional[bytes] = ..., format: _Optional[str] = ..., path: _Optional[str] = ..., about: _Optional[_Union[_host_pb2.HostFacts, _Mapping]] = ..., action: _Optional[_Union[_decision_pb2.Action, str]] = ..., evaluate_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., require_snapshot_id: _Optional[str] = ...) -> None: ...

class DecideInventoryResponse(_message.Message):
    __slots__ = ("format", "results", "snapshot", "evaluate_time")
    FORMAT_FIELD_NUMBER: _ClassVar[int]
    RESULTS_FIELD_NUMBER: _ClassVar[int]
    SNAPSHOT_FIELD_NUMBER: _ClassVar[int]
    EVALUATE_TIME_FIELD_NUMBER: _ClassVar[int]
    format: str
    results: _containers.RepeatedCompositeFieldContainer[InventoryResult]
    snapshot: _policy_pb2.SnapshotRef
    evaluate_time: _timestamp_pb2.Timestamp
    def __init__(self, format: _Optional[str] = ..., results: _Optional[_Iterable[_Union[InventoryResult, _Mapping]]] = ..., snapshot: _Optional[_Union[_policy_pb2.SnapshotRef, _Mapping]] = ..., evaluate_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class InventoryResult(_message.Message):
    __slots__ = ("host_id", "record_count", "software_count", "remarks", "decision", "error")
    HOST_ID_FIELD_NUMBER: _ClassVar[int]
    RECORD_COUNT_FIELD_NUMBER: _ClassVar[int]
    SOFTWARE_COUNT_FIELD_NUMBER: _ClassVar[int]
    REMARKS_FIELD_NUMBER: _ClassVar[int]
    DECISION_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    host_id: str
    record_count: int
    software_count: int
    remarks: _containers.RepeatedCompositeFieldContainer[InventoryRemark]
    decision: _decision_pb2.Decision
    error: _status_pb2.Status
    def __init__(self, host_id: _Optional[str] = ..., record_count: _Optional[int] = ..., software_count: _Optional[int] = ..., remarks: _Optional[_Iterable[_Union[InventoryRemark, _Mapping]]] = ..., decision: _Optional[_Union[_decision_pb2.Decision, _Mapping]] = ..., error: _Optional[_Union[_status_pb2.Status, _Mapping]] = ...) -> None: ...

class InventoryRemark(_message.Message):
    __slots__ = ("kind", "place", "message")
    class Kind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        KIND_UNSPECIFIED: _ClassVar[InventoryRemark.Kind]
        KIND_UNREAD: _ClassVar[InventoryRemark.Kind]
        KIND_SKIPPED: _ClassVar[InventoryRemark.Kind]
        KIND_CHANGED: _ClassVar[InventoryRemark.Kind]
    KIND_UNSPECIFIED: InventoryRemark.Kind
    KIND_UNREAD: InventoryRemark.Kind
    KIND_SKIPPED: InventoryRemark.Kind
    KIND_CHANGED: InventoryRemark.Kind
    KIND_FIELD_NUMBER: _ClassVar[int]
    PLACE_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    kind: InventoryRemark.Kind
    place: str
    message: str
    def __init__(self, kind: _Optional[_Union[InventoryRemark.Kind, str]] = ..., place: _Optional[str] = ..., message: _Optional[str] = ...) -> None: ...

class ExplainDecisionRequest(_message.Message):
    __slots__ = ("facts", "action", "evaluate_time", "require_snapshot_id", "policy_ids")
    FACTS_FIELD_NUMBER: _ClassVar[int]
    ACTION_FIELD_NUMBER: _ClassVar[int]
    EVALUATE_TIME_FIELD_NUMBER: _ClassVar[int]
    REQUIRE_SNAPSHOT_ID_FIELD_NUMBER: _ClassVar[int]
    POLICY_IDS_FIELD_NUMBER: _ClassVar[int]
    facts: _host_pb2.HostFacts
    action: _decision_pb2.Action
    evaluate_time: _timestamp_pb2.Timestamp
    require_snapshot_id: str
    policy_ids: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, facts: _Optional[_Union[_host_pb2.HostFacts, _Mapping]] = ..., action: _Optional[_Union[_decision_pb2.Action, str]] = ..., evaluate_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., require_snapshot_id: _Optional[str] = ..., policy_ids: _Optional[_Iterable[str]] = ...) -> None: ...

class ExplainDecisionResponse(_message.Message):
    __slots__ = ("decision", "identifications", "rules")
    DECISION_FIELD_NUMBER: _ClassVar[int]
    IDENTIFICATIONS_FIELD_NUMBER: _ClassVar[int]
    RULES_FIELD_NUMBER: _ClassVar[int]
    decision: _decision_pb2.Decision
    identifications: _containers.RepeatedCompositeFieldContainer[_catalogue_pb2.Identification]
    rules: _containers.RepeatedCompositeFieldContainer[RuleExplanation]
    def __init__(self, decision: _Optional[_Union[_decision_pb2.Decision, _Mapping]] = ..., identifications: _Optional[_Iterable[_Union[_catalogue_pb2.Identification, _Mapping]]] = ..., rules: _Optional[_Iterable[_Union[RuleExplanation, _Mapping]]] = ...) -> None: ...

class RuleExplanation(_message.Message):
    __slots__ = ("policy_id", "span", "outcome", "conditions", "duration", "set", "instrument_ids", "phase_begin_time", "facts")
    class Outcome(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        OUTCOME_UNSPECIFIED: _ClassVar[RuleExplanation.Outcome]
        OUTCOME_MATCHED: _ClassVar[RuleExplanation.Outcome]
        OUTCOME_NOT_MATCHED: _ClassVar[RuleExplanation.Outcome]
        OUTCOME_MISSING_FACT: _ClassVar[RuleExplanation.Outcome]
        OUTCOME_FAILED: _ClassVar[RuleExplanation.Outcome]
        OUTCOME_NOT_CONCERNED: _ClassVar[RuleExplanation.Outcome]
        OUTCOME_EXEMPT: _ClassVar[RuleExplanation.Outcome]
        OUTCOME_WAIVED: _ClassVar[RuleExplanation.Outcome]
        OUTCOME_OUT_OF_PHASE: _ClassVar[RuleExplanation.Outcome]
        OUTCOME_OUT_OF_SCOPE: _ClassVar[RuleExplanation.Outcome]
    OUTCOME_UNSPECIFIED: RuleExplanation.Outcome
    OUTCOME_MATCHED: RuleExplanation.Outcome
    OUTCOME_NOT_MATCHED: RuleExplanation.Outcome
    OUTCOME_MISSING_FACT: RuleExplanation.Outcome
    OUTCOME_FAILED: RuleExplanation.Outcome
    OUTCOME_NOT_CONCERNED: RuleExplanation.Outcome
    OUTCOME_EXEMPT: RuleExplanation.Outcome
    OUTCOME_WAIVED: RuleExplanation.Outcome
    OUTCOME_OUT_OF_PHASE: RuleExplanation.Outcome
    OUTCOME_OUT_OF_SCOPE: RuleExplanation.Outcome
    class FactRead(_message.Message):
        __slots__ = ("path", "value_json")
        PATH_FIELD_NUMBER: _ClassVar[int]
        VALUE_JSON_FIELD_NUMBER: _ClassVar[int]
        path: str
        value_json: str
        def __init__(self, path: _Optional[str] = ..., value_json: _Optional[str] = ...) -> None: ...
    POLICY_ID_FIELD_NUMBER: _ClassVar[int]
    SPAN_FIELD_NUMBER: _ClassVar[int]
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    CONDITIONS_FIELD_NUMBER: _ClassVar[int]
    DURATION_FIELD_NUMBER: _ClassVar[int]
    SET_FIELD_NUMBER: _ClassVar[int]
    INSTRUMENT_IDS_FIELD_NUMBER: _ClassVar[int]
    PHASE_BEGIN_TIME_FIELD_NUMBER: _ClassVar[int]
    FACTS_FIELD_NUMBER: _ClassVar[int]
    policy_id: str
    span: _policy_pb2.SourceSpan
    outcome: RuleExplanation.Outcome
    conditions: _containers.RepeatedCompositeFieldContainer[ConditionExplanation]
    duration: _duration_pb2.Duration
    set: str
    instrument_ids: _containers.RepeatedScalarFieldContainer[str]
    phase_begin_time: _timestamp_pb2.Timestamp
    facts: _containers.RepeatedCompositeFieldContainer[RuleExplanation.FactRead]
    def __init__(self, policy_id: _Optional[str] = ..., span: _Optional[_Union[_policy_pb2.SourceSpan, _Mapping]] = ..., outcome: _Optional[_Union[RuleExplanation.Outcome, str]] = ..., conditions: _Optional[_Iterable[_Union[ConditionExplanation, _Mapping]]] = ..., duration: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., set: _Optional[str] = ..., instrument_ids: _Optional[_Iterable[str]] = ..., phase_begin_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., facts: _Optional[_Iterable[_Union[RuleExplanation.FactRead, _Mapping]]] = ...) -> None: ...

class ConditionExplanation(_message.Message):
    __slots__ = ("span", "held", "missing_facts", "text", "readings", "because")
    class Reading(_message.Message):
        __slots__ = ("name", "values", "more_count")
        NAME_FIELD_NUMBER: _ClassVar[int]
        VALUES_FIELD_NUMBER: _ClassVar[int]
        MORE_COUNT_FIELD_NUMBER: _ClassVar[int]
        name: str
        values: _containers.RepeatedScalarFieldContainer[str]
        more_count: int
        def __init__(self, name: _Optional[str] = ..., values: _Optional[_Iterable[str]] = ..., more_count: _Optional[int] = ...) -> None: ...
    SPAN_FIELD_NUMBER: _ClassVar[int]
    HELD_FIELD_NUMBER: _ClassVar[int]
    MISSING_FACTS_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    READINGS_FIELD_NUMBER: _ClassVar[int]
    BECAUSE_FIELD_NUMBER: _ClassVar[int]
    span: _policy_pb2.SourceSpan
    held: bool
    missing_facts: _containers.RepeatedScalarFieldContainer[str]
    text: str
    readings: _containers.RepeatedCompositeFieldContainer[ConditionExplanation.Reading]
    because: _containers.RepeatedCompositeFieldContainer[ConditionExplanation]
    def __init__(self, span: _Optional[_Union[_policy_pb2.SourceSpan, _Mapping]] = ..., held: bool = ..., missing_facts: _Optional[_Iterable[str]] = ..., text: _Optional[str] = ..., readings: _Optional[_Iterable[_Union[ConditionExplanation.Reading, _Mapping]]] = ..., because: _Optional[_Iterable[_Union[ConditionExplanation, _Mapping]]] = ...) -> None: ...

class ComputeDecisionTimelineRequest(_message.Message):
    __slots__ = ("facts", "action", "start_time", "end_time", "require_snapshot_id")
    FACTS_FIELD_NUMBER: _ClassVar[int]
    ACTION_FIELD_NUMBER: _ClassVar[int]
    START_TIME_FIELD_NUMBER: _ClassVar[int]
    END_TIME_FIELD_NUMBER: _ClassVar[int]
    REQUIRE_SNAPSHOT_ID_FIELD_NUMBER: _ClassVar[int]
    facts: _host_pb2.HostFacts
    action: _decision_pb2.Action
    start_time: _timestamp_pb2.Timestamp
    end_time: _timestamp_pb2.Timestamp
    require_snapshot_id: str
    def __init__(self, facts: _Optional[_Union[_host_pb2.HostFacts, _Mapping]] = ..., action: _Optional[_Union[_decision_pb2.Action, str]] = ..., start_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., end_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., require_snapshot_id: _Optional[str] = ...) -> None: ...

class ComputeDecisionTimelineResponse(_message.Message):
    __slots__ = ("segments", "truncate_time")
    SEGMENTS_FIELD_NUMBER: _ClassVar[int]
    TRUNCATE_TIME_FIELD_NUMBER: _ClassVar[int]
    segments: _containers.RepeatedCompositeFieldContainer[TimelineSegment]
    truncate_time: _timestamp_pb2.Timestamp
    def __init__(self, segments: _Optional[_Iterable[_Union[TimelineSegment, _Mapping]]] = ..., truncate_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class TimelineSegment(_message.Message):
    __slots__ = ("start_time", "end_time", "decision")
    START_TIME_FIELD_NUMBER: _ClassVar[int]
    END_TIME_FIELD_NUMBER: _ClassVar[int]
    DECISION_FIELD_NUMBER: _ClassVar[int]
    start_time: _timestamp_pb2.Timestamp
    end_time: _timestamp_pb2.Timestamp
    decision: _decision_pb2.Decision
    def __init__(self, start_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., end_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., decision: _Optional[_Union[_decision_pb2.Decision, _Mapping]] = ...) -> None: ...
