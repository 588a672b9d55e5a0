import { count } from '../../core/count.ts';
import { isJsonArray, isJsonObject, type Json } from '../../core/json.ts';
import { didYouMean } from '../suggestion.ts';
import { type NodeOf, pathOf } from '../syntax/expression.ts';
import { Undefined } from '../values/undefined.ts';
import { typeName } from '../values/value.ts';

/** The value of `subject.key` if the subject has no such member. */
export function missingMember(expression: NodeOf<'item'>, subject: Json, key: Json): Undefined {
  const path = pathOf(expression);
  const owner = pathOf(expression.subject);
  const member = typeof key === 'string' ? `'${key}'` : typeof key === 'number' ? `item ${key}` : typeName(key);
  const reason = path === undefined ? `${owner ?? typeName(subject)} has no ${member}` : `'${path}' is undefined`;
  return new Undefined(reason, () => {
    if (isJsonObject(subject)) return typeof key === 'string' ? didYouMean(key, Object.keys(subject)) : undefined;
    if (isJsonArray(subject)) return `the list has ${count(subject.length, 'item')}`;
    return owner === undefined ? undefined : `'${owner}' is ${typeName(subject)}`;
  });
}
