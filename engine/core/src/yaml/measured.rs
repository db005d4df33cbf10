//! A measured document: what is read of it may not be far larger than it is.
//!
//! A name stands for a value of any size in two bytes (`*a`), and names may stand in values
//! that have names, so that a kilobyte of YAML can take gigabytes. The reader bounds how often
//! values are repeated and not how large they are; here what it hands out is added up.

use std::cell::Cell;
use std::fmt;

use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, Error, MapAccess, SeqAccess, VariantAccess, Visitor,
};

/// Bytes that any value takes, however short.
const VALUE: usize = 32;

/// What may still be read.
pub(super) struct Rest(Cell<usize>);

impl Rest {
    pub(super) const fn new(bytes: usize) -> Self {
        Self(Cell::new(bytes))
    }

    fn take<E: Error>(&self, bytes: usize) -> Result<(), E> {
        let left = self.0.get().checked_sub(bytes.saturating_add(VALUE));
        self.0.set(left.unwrap_or(0));
        match left {
            Some(_) => Ok(()),
            None => Err(E::custom(
                "what its aliases stand for is too large: write it out",
            )),
        }
    }
}

/// Anything of serde's that hands out values, measured.
pub(super) struct Measured<'r, T> {
    inner: T,
    rest: &'r Rest,
}

impl<'r, T> Measured<'r, T> {
    pub(super) const fn new(inner: T, rest: &'r Rest) -> Self {
        Self { inner, rest }
    }
}

macro_rules! read {
    ($($name:ident($($argument:ident: $type:ty),*))*) => {
        $(fn $name<V: Visitor<'de>>(self, $($argument: $type,)* visitor: V) -> Result<V::Value, D::Error> {
            self.inner.$name($($argument,)* Measured::new(visitor, self.rest))
        })*
    };
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Measured<'_, D> {
    type Error = D::Error;

    read! {
        deserialize_any() deserialize_bool() deserialize_i8() deserialize_i16()
        deserialize_i32() deserialize_i64() deserialize_i128() deserialize_u8()
        deserialize_u16() deserialize_u32() deserialize_u64() deserialize_u128()
        deserialize_f32() deserialize_f64() deserialize_char() deserialize_str()
        deserialize_string() deserialize_bytes() deserialize_byte_buf() deserialize_option()
        deserialize_unit() deserialize_unit_struct(name: &'static str)
        deserialize_newtype_struct(name: &'static str) deserialize_seq()
        deserialize_tuple(length: usize)
        deserialize_tuple_struct(name: &'static str, length: usize) deserialize_map()
        deserialize_struct(name: &'static str, fields: &'static [&'static str])
        deserialize_enum(name: &'static str, variants: &'static [&'static str])
        deserialize_identifier() deserialize_ignored_any()
    }

    fn is_human_readable(&self) -> bool {
        self.inner.is_human_readable()
    }
}

macro_rules! visit {
    ($($name:ident($type:ty))*) => {
        $(fn $name<E: Error>(self, value: $type) -> Result<V::Value, E> {
            self.rest.take(0)?;
            self.inner.$name(value)
        })*
    };
}

impl<'de, V: Visitor<'de>> Visitor<'de> for Measured<'_, V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.expecting(f)
    }

    visit! {
        visit_bool(bool) visit_i8(i8) visit_i16(i16) visit_i32(i32) visit_i64(i64)
        visit_i128(i128) visit_u8(u8) visit_u16(u16) visit_u32(u32) visit_u64(u64)
        visit_u128(u128) visit_f32(f32) visit_f64(f64) visit_char(char)
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<V::Value, E> {
        self.rest.take(value.len())?;
        self.inner.visit_str(value)
    }

    fn visit_borrowed_str<E: Error>(self, value: &'de str) -> Result<V::Value, E> {
        self.rest.take(value.len())?;
        self.inner.visit_borrowed_str(value)
    }

    fn visit_string<E: Error>(self, value: String) -> Result<V::Value, E> {
        self.rest.take(value.len())?;
        self.inner.visit_string(value)
    }

    fn visit_bytes<E: Error>(self, value: &[u8]) -> Result<V::Value, E> {
        self.rest.take(value.len())?;
        self.inner.visit_bytes(value)
    }

    fn visit_borrowed_bytes<E: Error>(self, value: &'de [u8]) -> Result<V::Value, E> {
        self.rest.take(value.len())?;
        self.inner.visit_borrowed_bytes(value)
    }

    fn visit_byte_buf<E: Error>(self, value: Vec<u8>) -> Result<V::Value, E> {
        self.rest.take(value.len())?;
        self.inner.visit_byte_buf(value)
    }

    fn visit_none<E: Error>(self) -> Result<V::Value, E> {
        self.inner.visit_none()
    }

    fn visit_unit<E: Error>(self) -> Result<V::Value, E> {
        self.rest.take(0)?;
        self.inner.visit_unit()
    }

    fn visit_some<D: Deserializer<'de>>(self, inner: D) -> Result<V::Value, D::Error> {
        self.inner.visit_some(Measured::new(inner, self.rest))
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, inner: D) -> Result<V::Value, D::Error> {
        self.inner
            .visit_newtype_struct(Measured::new(inner, self.rest))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, inner: A) -> Result<V::Value, A::Error> {
        self.rest.take(0)?;
        self.inner.visit_seq(Measured::new(inner, self.rest))
    }

    fn visit_map<A: MapAccess<'de>>(self, inner: A) -> Result<V::Value, A::Error> {
        self.rest.take(0)?;
        self.inner.visit_map(Measured::new(inner, self.rest))
    }

    fn visit_enum<A: EnumAccess<'de>>(self, inner: A) -> Result<V::Value, A::Error> {
        self.inner.visit_enum(Measured::new(inner, self.rest))
    }
}

impl<'de, S: DeserializeSeed<'de>> DeserializeSeed<'de> for Measured<'_, S> {
    type Value = S::Value;

    fn deserialize<D: Deserializer<'de>>(self, inner: D) -> Result<S::Value, D::Error> {
        self.inner.deserialize(Measured::new(inner, self.rest))
    }
}

impl<'de, A: SeqAccess<'de>> SeqAccess<'de> for Measured<'_, A> {
    type Error = A::Error;

    fn next_element_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, A::Error> {
        self.inner.next_element_seed(Measured::new(seed, self.rest))
    }
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Measured<'_, A> {
    type Error = A::Error;

    fn next_key_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, A::Error> {
        self.inner.next_key_seed(Measured::new(seed, self.rest))
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, A::Error> {
        self.inner.next_value_seed(Measured::new(seed, self.rest))
    }
}

impl<'de, 'r, A: EnumAccess<'de>> EnumAccess<'de> for Measured<'r, A> {
    type Error = A::Error;
    type Variant = Measured<'r, A::Variant>;

    fn variant_seed<S: DeserializeSeed<'de>>(
        self,
        seed: S,
    ) -> Result<(S::Value, Self::Variant), A::Error> {
        let rest = self.rest;
        let (value, variant) = self.inner.variant_seed(Measured::new(seed, rest))?;
        Ok((value, Measured::new(variant, rest)))
    }
}

impl<'de, A: VariantAccess<'de>> VariantAccess<'de> for Measured<'_, A> {
    type Error = A::Error;

    fn unit_variant(self) -> Result<(), A::Error> {
        self.inner.unit_variant()
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, A::Error> {
        self.inner
            .newtype_variant_seed(Measured::new(seed, self.rest))
    }

    fn tuple_variant<V: Visitor<'de>>(
        self,
        length: usize,
        visitor: V,
    ) -> Result<V::Value, A::Error> {
        self.inner
            .tuple_variant(length, Measured::new(visitor, self.rest))
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, A::Error> {
        self.inner
            .struct_variant(fields, Measured::new(visitor, self.rest))
    }
}
