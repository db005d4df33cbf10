from embargo_client._generated.embargo.v1 import host_pb2 as _host_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Identification(_message.Message):
    __slots__ = ("software", "product_id", "vendor_id", "product_class", "strength", "evidence")
    SOFTWARE_FIELD_NUMBER: _ClassVar[int]
    PRODUCT_ID_FIELD_NUMBER: _ClassVar[int]
    VENDOR_ID_FIELD_NUMBER: _ClassVar[int]
    PRODUCT_CLASS_FIELD_NUMBER: _ClassVar[int]
    STRENGTH_FIELD_NUMBER: _ClassVar[int]
    EVIDENCE_FIELD_NUMBER: _ClassVar[int]
    software: _host_pb2.SoftwareRef
    product_id: str
    vendor_id: str
    product_class: str
    strength: Evidence.Strength
    evidence: _containers.RepeatedCompositeFieldContainer[Evidence]
    def __init__(self, software: _Optional[_Union[_host_pb2.SoftwareRef, _Mapping]] = ..., product_id: _Optional[str] = ..., vendor_id: _Optional[str] = ..., product_class: _Optional[str] = ..., strength: _Optional[_Union[Evidence.Strength, str]] = ..., evidence: _Optional[_Iterable[_Union[Evidence, _Mapping]]] = ...) -> None: ...

class Evidence(_message.Message):
    __slots__ = ("kind", "value", "strength")
    class Strength(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STRENGTH_UNSPECIFIED: _ClassVar[Evidence.Strength]
        STRENGTH_WEAK: _ClassVar[Evidence.Strength]
        STRENGTH_MEDIUM: _ClassVar[Evidence.Strength]
        STRENGTH_STRONG: _ClassVar[Evidence.Strength]
    STRENGTH_UNSPECIFIED: Evidence.Strength
    STRENGTH_WEAK: Evidence.Strength
    STRENGTH_MEDIUM: Evidence.Strength
    STRENGTH_STRONG: Evidence.Strength
    KIND_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    STRENGTH_FIELD_NUMBER: _ClassVar[int]
    kind: str
    value: str
    strength: Evidence.Strength
    def __init__(self, kind: _Optional[str] = ..., value: _Optional[str] = ..., strength: _Optional[_Union[Evidence.Strength, str]] = ...) -> None: ...
