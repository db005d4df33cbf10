import datetime

from embargo_client._generated.embargo.v1 import catalogue_pb2 as _catalogue_pb2
from embargo_client._generated.embargo.v1 import host_pb2 as _host_pb2
from embargo_client._generated.embargo.v1 import policy_pb2 as _policy_pb2
from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ListPoliciesRequest(_message.Message):
    __slots__ = ("page_size", "page_token")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListPoliciesResponse(_message.Message):
    __slots__ = ("policies", "next_page_token", "snapshot")
    POLICIES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    SNAPSHOT_FIELD_NUMBER: _ClassVar[int]
    policies: _containers.RepeatedCompositeFieldContainer[_policy_pb2.Policy]
    next_page_token: str
    snapshot: _policy_pb2.SnapshotRef
    def __init__(self, policies: _Optional[_Iterable[_Union[_policy_pb2.Policy, _Mapping]]] = ..., next_page_token: _Optional[str] = ..., snapshot: _Optional[_Union[_policy_pb2.SnapshotRef, _Mapping]] = ...) -> None: ...

class GetPolicyRequest(_message.Message):
    __slots__ = ("policy_id",)
    POLICY_ID_FIELD_NUMBER: _ClassVar[int]
    policy_id: str
    def __init__(self, policy_id: _Optional[str] = ...) -> None: ...

class GetPolicyResponse(_message.Message):
    __slots__ = ("policy", "sources", "snapshot")
    POLICY_FIELD_NUMBER: _ClassVar[int]
    SOURCES_FIELD_NUMBER: _ClassVar[int]
    SNAPSHOT_FIELD_NUMBER: _ClassVar[int]
    policy: _policy_pb2.Policy
    sources: _containers.RepeatedCompositeFieldContainer[_policy_pb2.SourceFile]
    snapshot: _policy_pb2.SnapshotRef
    def __init__(self, policy: _Optional[_Union[_policy_pb2.Policy, _Mapping]] = ..., sources: _Optional[_Iterable[_Union[_policy_pb2.SourceFile, _Mapping]]] = ..., snapshot: _Optional[_Union[_policy_pb2.SnapshotRef, _Mapping]] = ...) -> None: ...

class GetSnapshotRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class GetSnapshotResponse(_message.Message):
    __slots__ = ("active", "last_reload")
    ACTIVE_FIELD_NUMBER: _ClassVar[int]
    LAST_RELOAD_FIELD_NUMBER: _ClassVar[int]
    active: _policy_pb2.Snapshot
    last_reload: _policy_pb2.Reload
    def __init__(self, active: _Optional[_Union[_policy_pb2.Snapshot, _Mapping]] = ..., last_reload: _Optional[_Union[_policy_pb2.Reload, _Mapping]] = ...) -> None: ...

class WatchSnapshotRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class WatchSnapshotResponse(_message.Message):
    __slots__ = ("active", "last_reload")
    ACTIVE_FIELD_NUMBER: _ClassVar[int]
    LAST_RELOAD_FIELD_NUMBER: _ClassVar[int]
    active: _policy_pb2.Snapshot
    last_reload: _policy_pb2.Reload
    def __init__(self, active: _Optional[_Union[_policy_pb2.Snapshot, _Mapping]] = ..., last_reload: _Optional[_Union[_policy_pb2.Reload, _Mapping]] = ...) -> None: ...

class ValidateBundleRequest(_message.Message):
    __slots__ = ("files",)
    FILES_FIELD_NUMBER: _ClassVar[int]
    files: _containers.RepeatedCompositeFieldContainer[_policy_pb2.SourceFile]
    def __init__(self, files: _Optional[_Iterable[_Union[_policy_pb2.SourceFile, _Mapping]]] = ...) -> None: ...

class ValidateBundleResponse(_message.Message):
    __slots__ = ("snapshot_id", "diagnostics")
    SNAPSHOT_ID_FIELD_NUMBER: _ClassVar[int]
    DIAGNOSTICS_FIELD_NUMBER: _ClassVar[int]
    snapshot_id: str
    diagnostics: _containers.RepeatedCompositeFieldContainer[_policy_pb2.Diagnostic]
    def __init__(self, snapshot_id: _Optional[str] = ..., diagnostics: _Optional[_Iterable[_Union[_policy_pb2.Diagnostic, _Mapping]]] = ...) -> None: ...

class RunPolicyTestsRequest(_message.Message):
    __slots__ = ("files", "name_contains")
    FILES_FIELD_NUMBER: _ClassVar[int]
    NAME_CONTAINS_FIELD_NUMBER: _ClassVar[int]
    files: _containers.RepeatedCompositeFieldContainer[_policy_pb2.SourceFile]
    name_contains: str
    def __init__(self, files: _Optional[_Iterable[_Union[_policy_pb2.SourceFile, _Mapping]]] = ..., name_contains: _Optional[str] = ...) -> None: ...

class RunPolicyTestsResponse(_message.Message):
    __slots__ = ("result", "summary")
    class TestResult(_message.Message):
        __slots__ = ("name", "passed", "failure", "duration")
        NAME_FIELD_NUMBER: _ClassVar[int]
        PASSED_FIELD_NUMBER: _ClassVar[int]
        FAILURE_FIELD_NUMBER: _ClassVar[int]
        DURATION_FIELD_NUMBER: _ClassVar[int]
        name: str
        passed: bool
        failure: _policy_pb2.Diagnostic
        duration: _duration_pb2.Duration
        def __init__(self, name: _Optional[str] = ..., passed: bool = ..., failure: _Optional[_Union[_policy_pb2.Diagnostic, _Mapping]] = ..., duration: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ...) -> None: ...
    class TestSummary(_message.Message):
        __slots__ = ("passed_count", "failed_count", "snapshot_id")
        PASSED_COUNT_FIELD_NUMBER: _ClassVar[int]
        FAILED_COUNT_FIELD_NUMBER: _ClassVar[int]
        SNAPSHOT_ID_FIELD_NUMBER: _ClassVar[int]
        passed_count: int
        failed_count: int
        snapshot_id: str
        def __init__(self, passed_count: _Optional[int] = ..., failed_count: _Optional[int] = ..., snapshot_id: _Optional[str] = ...) -> None: ...
    RESULT_FIELD_NUMBER: _ClassVar[int]
    SUMMARY_FIELD_NUMBER: _ClassVar[int]
    result: RunPolicyTestsResponse.TestResult
    summary: RunPolicyTestsResponse.TestSummary
    def __init__(self, result: _Optional[_Union[RunPolicyTestsResponse.TestResult, _Mapping]] = ..., summary: _Optional[_Union[RunPolicyTestsResponse.TestSummary, _Mapping]] = ...) -> None: ...

class IdentifySoftwareRequest(_message.Message):
    __slots__ = ("software", "require_snapshot_id")
    SOFTWARE_FIELD_NUMBER: _ClassVar[int]
    REQUIRE_SNAPSHOT_ID_FIELD_NUMBER: _ClassVar[int]
    software: _containers.RepeatedCompositeFieldContainer[_host_pb2.Software]
    require_snapshot_id: str
    def __init__(self, software: _Optional[_Iterable[_Union[_host_pb2.Software, _Mapping]]] = ..., require_snapshot_id: _Optional[str] = ...) -> None: ...

class IdentifySoftwareResponse(_message.Message):
    __slots__ = ("identifications", "snapshot")
    IDENTIFICATIONS_FIELD_NUMBER: _ClassVar[int]
    SNAPSHOT_FIELD_NUMBER: _ClassVar[int]
    identifications: _containers.RepeatedCompositeFieldContainer[_catalogue_pb2.Identification]
    snapshot: _policy_pb2.SnapshotRef
    def __init__(self, identifications: _Optional[_Iterable[_Union[_catalogue_pb2.Identification, _Mapping]]] = ..., snapshot: _Optional[_Union[_policy_pb2.SnapshotRef, _Mapping]] = ...) -> None: ...
