"""`$metadata`: the entity sets in CSDL, the XML of OData 4.0."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

# It only writes.
from xml.etree.ElementTree import Element, SubElement, tostring  # nosec B405

from reports.datasets.definition import Column, Dataset, Type
from reports.odata.sets import CONTAINER, NAMESPACE

EDM_TYPES = {
    Type.INTEGER: "Edm.Int64",
    Type.NUMBER: "Edm.Double",
    Type.TEXT: "Edm.String",
    Type.DATETIME: "Edm.DateTimeOffset",
    Type.DATE: "Edm.Date",
}
_EDMX = "http://docs.oasis-open.org/odata/ns/edmx"
_EDM = "http://docs.oasis-open.org/odata/ns/edm"
_CORE = "Org.OData.Core.V1"
_CORE_ADDRESS = "https://oasis-tcs.github.io/odata-vocabularies/vocabularies/Org.OData.Core.V1.xml"


def metadata_document(sets: Iterable[tuple[Dataset, Sequence[Column]]]) -> bytes:
    """Each set with the columns that are to be told of."""
    root = Element("edmx:Edmx", {"xmlns:edmx": _EDMX, "Version": "4.0"})
    reference = SubElement(root, "edmx:Reference", {"Uri": _CORE_ADDRESS})
    SubElement(reference, "edmx:Include", {"Namespace": _CORE, "Alias": "Core"})
    services = SubElement(root, "edmx:DataServices")
    schema = SubElement(services, "Schema", {"xmlns": _EDM, "Namespace": NAMESPACE})
    container = Element("EntityContainer", {"Name": CONTAINER})
    for dataset, columns in sets:
        schema.append(_entity_type(dataset, columns))
        entity_type = f"{NAMESPACE}.{dataset.set_name}"
        SubElement(container, "EntitySet", {"Name": dataset.set_name, "EntityType": entity_type})
    schema.append(container)
    document: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return document


def _entity_type(dataset: Dataset, columns: Sequence[Column]) -> Element:
    found = Element("EntityType", {"Name": dataset.set_name})
    key = SubElement(found, "Key")
    for name in dataset.key:
        SubElement(key, "PropertyRef", {"Name": name})
    for column in columns:
        attributes = {"Name": column.name, "Type": EDM_TYPES[column.type]}
        if not column.is_nullable:
            attributes["Nullable"] = "false"
        if column.max_length:
            attributes["MaxLength"] = str(column.max_length)
        if column.type is Type.DATETIME:
            attributes["Precision"] = "6"
        _describe(SubElement(found, "Property", attributes), column.description)
    _describe(found, dataset.description)
    return found


def _describe(element: Element, text: str) -> None:
    SubElement(element, "Annotation", {"Term": "Core.Description", "String": text})
