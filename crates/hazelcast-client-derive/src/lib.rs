//! `#[derive(Compact)]` of `hazelcast-client`: a struct as a Compact record.

use proc_macro::TokenStream;
use proc_macro2::TokenStream as Tokens;
use quote::quote;
use syn::spanned::Spanned;
use syn::{Attribute, Data, DeriveInput, Error, Fields, LitStr, Result, Type, parse_macro_input};

/// Makes a struct with named fields a Compact record.
///
/// `#[compact(name = "…")]` on the struct names its type for the cluster (the name of the struct otherwise), on a field the
/// field. `#[compact(skip)]` leaves a field out; it is read as its default.
#[proc_macro_derive(Compact, attributes(compact))]
pub fn derive_compact(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    compact(&input).unwrap_or_else(Error::into_compile_error).into()
}

/// A field as the record has it.
struct Field<'a> {
    member: &'a syn::Ident,
    kind: &'a Type,
    name: LitStr,
    skip: bool,
}

/// What stands in `#[compact(…)]`.
#[derive(Default)]
struct Options {
    name: Option<LitStr>,
    skip: bool,
}

fn options(attributes: &[Attribute]) -> Result<Options> {
    let mut options = Options::default();
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("compact")) {
        attribute.parse_nested_meta(|meta| {
            if meta.path.is_ident("name") {
                options.name = Some(meta.value()?.parse()?);
                Ok(())
            } else if meta.path.is_ident("skip") {
                options.skip = true;
                Ok(())
            } else {
                Err(meta.error("`name = \"…\"` or `skip` expected"))
            }
        })?;
    }
    Ok(options)
}

fn fields(input: &DeriveInput) -> Result<Vec<Field<'_>>> {
    let refuse = || Error::new(input.span(), "only structs with named fields are Compact records");
    let Data::Struct(data) = &input.data else { return Err(refuse()) };
    let Fields::Named(named) = &data.fields else { return Err(refuse()) };
    let field = |field: &'_ syn::Field| -> Result<(Options, LitStr)> {
        let options = options(&field.attrs)?;
        let name = field.ident.as_ref().map(ToString::to_string).unwrap_or_default();
        let plain = name.strip_prefix("r#").unwrap_or(&name);
        let name = options.name.clone().unwrap_or_else(|| LitStr::new(plain, field.span()));
        Ok((options, name))
    };
    let mut all: Vec<Field<'_>> = Vec::new();
    for named in &named.named {
        let (options, name) = field(named)?;
        let Some(member) = &named.ident else { return Err(refuse()) };
        if all.iter().any(|known| !known.skip && known.name.value() == name.value()) {
            return Err(Error::new(named.span(), "two fields of one name"));
        }
        all.push(Field { member, kind: &named.ty, name, skip: options.skip });
    }
    Ok(all)
}

fn compact(input: &DeriveInput) -> Result<Tokens> {
    if !input.generics.params.is_empty() {
        return Err(Error::new(input.generics.span(), "generic types have no schema of their own"));
    }
    let fields = fields(input)?;
    let of_struct = options(&input.attrs)?;
    let ident = &input.ident;
    let type_name = of_struct.name.unwrap_or_else(|| LitStr::new(&ident.to_string(), ident.span()));
    let written: Vec<_> = fields.iter().filter(|field| !field.skip).collect();
    let names: Vec<_> = written.iter().map(|field| &field.name).collect();
    let kinds: Vec<_> = written.iter().map(|field| field.kind).collect();
    let members: Vec<_> = written.iter().map(|field| field.member).collect();
    let taken = fields.iter().map(|field| {
        let (member, name) = (field.member, &field.name);
        match field.skip {
            true => quote!(#member: ::core::default::Default::default()),
            false => quote!(#member: ::hazelcast_client::take_field(&record, #name)?),
        }
    });
    Ok(quote! {
        impl ::hazelcast_client::Compact for #ident {
            fn compact_schema() -> &'static ::std::sync::Arc<::hazelcast_client::CompactSchema> {
                static SCHEMA: ::hazelcast_client::LazySchema = ::std::sync::LazyLock::new(|| {
                    let fields: &[(&str, ::hazelcast_client::FieldKind)] =
                        &[#((#names, <#kinds as ::hazelcast_client::CompactType>::KIND)),*];
                    ::std::sync::Arc::new(::hazelcast_client::CompactSchema::new(#type_name, fields.iter().copied()))
                });
                &SCHEMA
            }

            fn to_record(&self) -> ::hazelcast_client::Result<::hazelcast_client::CompactRecord> {
                let schema = <Self as ::hazelcast_client::Compact>::compact_schema();
                let mut values = ::std::vec::Vec::with_capacity(schema.fields().len());
                for field in schema.fields() {
                    values.push(match field.name.as_str() {
                        #(#names => ::hazelcast_client::CompactType::to_value(&self.#members)?,)*
                        _ => ::hazelcast_client::Value::Null,
                    });
                }
                ::hazelcast_client::CompactRecord::new(::std::sync::Arc::clone(schema), values)
            }

            fn from_record(
                record: ::hazelcast_client::CompactRecord,
            ) -> ::hazelcast_client::Result<Self> {
                ::core::result::Result::Ok(Self { #(#taken),* })
            }
        }

        impl ::hazelcast_client::ToData for #ident {
            fn to_data(&self) -> ::hazelcast_client::Result<::hazelcast_client::Data> {
                ::hazelcast_client::ToData::to_data(&::hazelcast_client::Compact::to_record(self)?)
            }

            fn schemas(
                &self,
                schemas: &mut ::std::vec::Vec<::std::sync::Arc<::hazelcast_client::CompactSchema>>,
            ) {
                // A value that can't be a record is refused by to_data.
                if let ::core::result::Result::Ok(record) = ::hazelcast_client::Compact::to_record(self) {
                    ::hazelcast_client::ToData::schemas(&record, schemas);
                }
            }
        }
    })
}
