import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Policy(_message.Message):
    __slots__ = ("policy_id", "title", "description", "path", "instrument_ids")
    POLICY_ID_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    PATH_FIELD_NUMBER: _ClassVar[int]
    INSTRUMENT_IDS_FIELD_NUMBER: _ClassVar[int]
    policy_id: str
    title: str
    description: str
    path: str
    instrument_ids: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, policy_id: _Optional[str] = ..., title: _Optional[str] = ..., description: _Optional[str] = ..., path: _Optional[str] = ..., instrument_ids: _Optional[_Iterable[str]] = ...) -> None: ...

class Snapshot(_message.Message):
    __slots__ = ("ref", "activate_time", "policy_count", "instrument_count", "product_count", "recalled", "revision")
    REF_FIELD_NUMBER: _ClassVar[int]
    ACTIVATE_TIME_FIELD_NUMBER: _ClassVar[int]
    POLICY_COUNT_FIELD_NUMBER: _ClassVar[int]
    INSTRUMENT_COUNT_FIELD_NUMBER: _ClassVar[int]
    PRODUCT_COUNT_FIELD_NUMBER: _ClassVar[int]
    RECALLED_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    ref: SnapshotRef
    activate_time: _timestamp_pb2.Timestamp
    policy_count: int
    instrument_count: int
    product_count: int
    recalled: bool
    revision: str
    def __init__(self, ref: _Optional[_Union[SnapshotRef, _Mapping]] = ..., activate_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., policy_count: _Optional[int] = ..., instrument_count: _Optional[int] = ..., product_count: _Optional[int] = ..., recalled: bool = ..., revision: _Optional[str] = ...) -> None: ...

class SnapshotRef(_message.Message):
    __slots__ = ("snapshot_id", "generation")
    SNAPSHOT_ID_FIELD_NUMBER: _ClassVar[int]
    GENERATION_FIELD_NUMBER: _ClassVar[int]
    snapshot_id: str
    generation: int
    def __init__(self, snapshot_id: _Optional[str] = ..., generation: _Optional[int] = ...) -> None: ...

class Reload(_message.Message):
    __slots__ = ("attempt_time", "state", "diagnostics")
    class State(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STATE_UNSPECIFIED: _ClassVar[Reload.State]
        STATE_ACTIVATED: _ClassVar[Reload.State]
        STATE_UNCHANGED: _ClassVar[Reload.State]
        STATE_REJECTED: _ClassVar[Reload.State]
    STATE_UNSPECIFIED: Reload.State
    STATE_ACTIVATED: Reload.State
    STATE_UNCHANGED: Reload.State
    STATE_REJECTED: Reload.State
    ATTEMPT_TIME_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    DIAGNOSTICS_FIELD_NUMBER: _ClassVar[int]
    attempt_time: _timestamp_pb2.Timestamp
    state: Reload.State
    diagnostics: _containers.RepeatedCompositeFieldContainer[Diagnostic]
    def __init__(self, attempt_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., state: _Optional[_Union[Reload.State, str]] = ..., diagnostics: _Optional[_Iterable[_Union[Diagnostic, _Mapping]]] = ...) -> None: ...

class SourceFile(_message.Message):
    __slots__ = ("path", "content")
    PATH_FIELD_NUMBER: _ClassVar[int]
    CONTENT_FIELD_NUMBER: _ClassVar[int]
    path: str
    content: bytes
    def __init__(self, path: _Optional[str] = ..., content: _Optional[bytes] = ...) -> None: ...

class Diagnostic(_message.Message):
    __slots__ = ("severity", "code", "message", "span", "hint", "excerpt")
    class Severity(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        SEVERITY_UNSPECIFIED: _ClassVar[Diagnostic.Severity]
        SEVERITY_WARNING: _ClassVar[Diagnostic.Severity]
        SEVERITY_ERROR: _ClassVar[Diagnostic.Severity]
    SEVERITY_UNSPECIFIED: Diagnostic.Severity
    SEVERITY_WARNING: Diagnostic.Severity
    SEVERITY_ERROR: Diagnostic.Severity
    SEVERITY_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    SPAN_FIELD_NUMBER: _ClassVar[int]
    HINT_FIELD_NUMBER: _ClassVar[int]
    EXCERPT_FIELD_NUMBER: _ClassVar[int]
    severity: Diagnostic.Severity
    code: str
    message: str
    span: SourceSpan
    hint: str
    excerpt: str
    def __init__(self, severity: _Optional[_Union[Diagnostic.Severity, str]] = ..., code: _Optional[str] = ..., message: _Optional[str] = ..., span: _Optional[_Union[SourceSpan, _Mapping]] = ..., hint: _Optional[str] = ..., excerpt: _Optional[str] = ...) -> None: ...

class SourceSpan(_message.Message):
    __slots__ = ("path", "start_line", "start_column", "end_line", "end_column")
    PATH_FIELD_NUMBER: _ClassVar[int]
    START_LINE_FIELD_NUMBER: _ClassVar[int]
    START_COLUMN_FIELD_NUMBER: _ClassVar[int]
    END_LINE_FIELD_NUMBER: _ClassVar[int]
    END_COLUMN_FIELD_NUMBER: _ClassVar[int]
    path: str
    start_line: int
    start_column: int
    end_line: int
    end_column: int
    def __init__(self, path: _Optional[str] = ..., start_line: _Optional[int] = ..., start_column: _Optional[int] = ..., end_line: _Optional[int] = ..., end_column: _Optional[int] = ...) -> None: ...
