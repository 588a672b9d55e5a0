import { isJsonArray, isJsonObject, type Json } from '../../core/json.ts';
import { Complaint } from '../errors.ts';
import { lookUp } from './lookup.ts';

/**
 * Pairs each mapping with every entry of its list at a path such as `authorized.keys`.
 * @throws {Complaint} if one has no such list; with `skipMissing` those without the path are skipped
 */
export function subelements(mappings: readonly Json[], path: string, skipMissing: boolean): readonly Json[] {
  return mappings.flatMap((mapping): readonly Json[] => {
    let value: Json | undefined = mapping;
    for (const part of path.split('.')) value = isJsonObject(value) ? lookUp(value, part) : undefined;
    if (value === undefined && skipMissing && isJsonObject(mapping)) return [];
    if (!isJsonArray(value)) throw new Complaint(`subelements finds no list '${path}' in each entry`, HINT);
    return value.map((item) => [mapping, item]);
  });
}

const HINT = 'use a list that all of them have, or skip those without it: skip_missing';
