import datetime

from google.protobuf import struct_pb2 as _struct_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class HostFacts(_message.Message):
    __slots__ = ("host_id", "os", "form_factor", "owner", "purposes", "groups", "software", "coverage", "collect_time", "attributes")
    HOST_ID_FIELD_NUMBER: _ClassVar[int]
    OS_FIELD_NUMBER: _ClassVar[int]
    FORM_FACTOR_FIELD_NUMBER: _ClassVar[int]
    OWNER_FIELD_NUMBER: _ClassVar[int]
    PURPOSES_FIELD_NUMBER: _ClassVar[int]
    GROUPS_FIELD_NUMBER: _ClassVar[int]
    SOFTWARE_FIELD_NUMBER: _ClassVar[int]
    COVERAGE_FIELD_NUMBER: _ClassVar[int]
    COLLECT_TIME_FIELD_NUMBER: _ClassVar[int]
    ATTRIBUTES_FIELD_NUMBER: _ClassVar[int]
    host_id: str
    os: OperatingSystem
    form_factor: str
    owner: Owner
    purposes: _containers.RepeatedScalarFieldContainer[str]
    groups: _containers.RepeatedScalarFieldContainer[str]
    software: _containers.RepeatedCompositeFieldContainer[Software]
    coverage: _containers.RepeatedCompositeFieldContainer[Coverage]
    collect_time: _timestamp_pb2.Timestamp
    attributes: _struct_pb2.Struct
    def __init__(self, host_id: _Optional[str] = ..., os: _Optional[_Union[OperatingSystem, _Mapping]] = ..., form_factor: _Optional[str] = ..., owner: _Optional[_Union[Owner, _Mapping]] = ..., purposes: _Optional[_Iterable[str]] = ..., groups: _Optional[_Iterable[str]] = ..., software: _Optional[_Iterable[_Union[Software, _Mapping]]] = ..., coverage: _Optional[_Iterable[_Union[Coverage, _Mapping]]] = ..., collect_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., attributes: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ...) -> None: ...

class OperatingSystem(_message.Message):
    __slots__ = ("family", "version", "architecture")
    FAMILY_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    ARCHITECTURE_FIELD_NUMBER: _ClassVar[int]
    family: str
    version: str
    architecture: str
    def __init__(self, family: _Optional[str] = ..., version: _Optional[str] = ..., architecture: _Optional[str] = ...) -> None: ...

class Owner(_message.Message):
    __slots__ = ("kind", "jurisdictions", "sectors", "us_person", "contract_clauses")
    class Kind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        KIND_UNSPECIFIED: _ClassVar[Owner.Kind]
        KIND_GOVERNMENT: _ClassVar[Owner.Kind]
        KIND_CONTRACTOR: _ClassVar[Owner.Kind]
        KIND_BUSINESS: _ClassVar[Owner.Kind]
        KIND_PERSONAL: _ClassVar[Owner.Kind]
    KIND_UNSPECIFIED: Owner.Kind
    KIND_GOVERNMENT: Owner.Kind
    KIND_CONTRACTOR: Owner.Kind
    KIND_BUSINESS: Owner.Kind
    KIND_PERSONAL: Owner.Kind
    KIND_FIELD_NUMBER: _ClassVar[int]
    JURISDICTIONS_FIELD_NUMBER: _ClassVar[int]
    SECTORS_FIELD_NUMBER: _ClassVar[int]
    US_PERSON_FIELD_NUMBER: _ClassVar[int]
    CONTRACT_CLAUSES_FIELD_NUMBER: _ClassVar[int]
    kind: Owner.Kind
    jurisdictions: _containers.RepeatedScalarFieldContainer[str]
    sectors: _containers.RepeatedScalarFieldContainer[str]
    us_person: bool
    contract_clauses: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, kind: _Optional[_Union[Owner.Kind, str]] = ..., jurisdictions: _Optional[_Iterable[str]] = ..., sectors: _Optional[_Iterable[str]] = ..., us_person: bool = ..., contract_clauses: _Optional[_Iterable[str]] = ...) -> None: ...

class Software(_message.Message):
    __slots__ = ("name", "version", "publisher", "source", "bundle_id", "package_id", "extension_id", "product_code", "team_id", "signer", "sha256", "purl", "cpe", "path", "embedded_in", "install_time")
    NAME_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    PUBLISHER_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    BUNDLE_ID_FIELD_NUMBER: _ClassVar[int]
    PACKAGE_ID_FIELD_NUMBER: _ClassVar[int]
    EXTENSION_ID_FIELD_NUMBER: _ClassVar[int]
    PRODUCT_CODE_FIELD_NUMBER: _ClassVar[int]
    TEAM_ID_FIELD_NUMBER: _ClassVar[int]
    SIGNER_FIELD_NUMBER: _ClassVar[int]
    SHA256_FIELD_NUMBER: _ClassVar[int]
    PURL_FIELD_NUMBER: _ClassVar[int]
    CPE_FIELD_NUMBER: _ClassVar[int]
    PATH_FIELD_NUMBER: _ClassVar[int]
    EMBEDDED_IN_FIELD_NUMBER: _ClassVar[int]
    INSTALL_TIME_FIELD_NUMBER: _ClassVar[int]
    name: str
    version: str
    publisher: str
    source: str
    bundle_id: str
    package_id: str
    extension_id: str
    product_code: str
    team_id: str
    signer: str
    sha256: bytes
    purl: str
    cpe: str
    path: str
    embedded_in: str
    install_time: _timestamp_pb2.Timestamp
    def __init__(self, name: _Optional[str] = ..., version: _Optional[str] = ..., publisher: _Optional[str] = ..., source: _Optional[str] = ..., bundle_id: _Optional[str] = ..., package_id: _Optional[str] = ..., extension_id: _Optional[str] = ..., product_code: _Optional[str] = ..., team_id: _Optional[str] = ..., signer: _Optional[str] = ..., sha256: _Optional[bytes] = ..., purl: _Optional[str] = ..., cpe: _Optional[str] = ..., path: _Optional[str] = ..., embedded_in: _Optional[str] = ..., install_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class Coverage(_message.Message):
    __slots__ = ("source", "state", "collect_time")
    class State(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STATE_UNSPECIFIED: _ClassVar[Coverage.State]
        STATE_COMPLETE: _ClassVar[Coverage.State]
        STATE_PARTIAL: _ClassVar[Coverage.State]
        STATE_NOT_PERMITTED: _ClassVar[Coverage.State]
        STATE_NOT_COLLECTED: _ClassVar[Coverage.State]
        STATE_UNREADABLE: _ClassVar[Coverage.State]
    STATE_UNSPECIFIED: Coverage.State
    STATE_COMPLETE: Coverage.State
    STATE_PARTIAL: Coverage.State
    STATE_NOT_PERMITTED: Coverage.State
    STATE_NOT_COLLECTED: Coverage.State
    STATE_UNREADABLE: Coverage.State
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    COLLECT_TIME_FIELD_NUMBER: _ClassVar[int]
    source: str
    state: Coverage.State
    collect_time: _timestamp_pb2.Timestamp
    def __init__(self, source: _Optional[str] = ..., state: _Optional[_Union[Coverage.State, str]] = ..., collect_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class SoftwareRef(_message.Message):
    __slots__ = ("index", "name", "version")
    INDEX_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    index: int
    name: str
    version: str
    def __init__(self, index: _Optional[int] = ..., name: _Optional[str] = ..., version: _Optional[str] = ...) -> None: ...
