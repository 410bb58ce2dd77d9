import { DataType, Field, Schema } from 'apache-arrow';

const key = 'millrace:undetermined';

/** A field of which nothing but nulls has come, and which takes on the type of what comes first. */
export function undeterminedField(field: Field): Field {
  return new Field(field.name, field.type, true, new Map([...field.metadata, [key, 'true']]));
}

export function isUndetermined(field: Field): boolean {
  return DataType.isNull(field.type) && field.metadata.get(key) === 'true';
}

/** `schema` with the types that fields of `actual` have for those that are not determined; the same object where none has. */
export function determined(schema: Schema, actual: Schema | undefined): Schema {
  if (actual === undefined || !schema.fields.some(isUndetermined)) return schema;
  let changed = false;
  const fields = schema.fields.map((field) => {
    if (!isUndetermined(field)) return field;
    const other = actual.fields.find(({ name }) => name === field.name);
    if (other === undefined || DataType.isNull(other.type)) return field;
    changed = true;
    return new Field(field.name, other.type, true, other.metadata);
  });
  return changed ? new Schema(fields, schema.metadata) : schema;
}
