import { count } from '../../core/count.ts';
import { isJsonArray, isJsonObject, type Json, type JsonObject } from '../../core/json.ts';
import { didYouMean } from '../suggestion.ts';
import { type NodeOf, pathOf } from '../syntax/expression.ts';
import { Undefined } from '../values/undefined.ts';
import { typeName } from '../values/value.ts';

/** Members of the results of Ansible's stat, slurp and find, for which playbooks have a command here, and what that has instead. */
const OF_COMMANDS: ReadonlyMap<string, string> = new Map([
  ['stat', 'rc, which test -e makes 0 where the file exists'],
  ['content', 'stdout, which is no base64'],
  ['files', 'stdout_lines'],
]);

/** The value of `subject.key` if the subject has no such member. */
export function missingMember(expression: NodeOf<'item'>, subject: Json, key: Json): Undefined {
  const path = pathOf(expression);
  const owner = pathOf(expression.subject);
  const member = typeof key === 'string' ? `'${key}'` : typeof key === 'number' ? `item ${key}` : typeName(key);
  const reason = path === undefined ? `${owner ?? typeName(subject)} has no ${member}` : `'${path}' is undefined`;
  return new Undefined(reason, () => {
    if (isJsonObject(subject)) return typeof key === 'string' ? hintOfMember(key, subject) : undefined;
    if (isJsonArray(subject)) return `the list has ${count(subject.length, 'item')}`;
    return owner === undefined ? undefined : `'${owner}' is ${typeName(subject)}`;
  });
}

function hintOfMember(key: string, subject: JsonObject): string | undefined {
  const instead = 'rc' in subject && 'stdout' in subject ? OF_COMMANDS.get(key) : undefined;
  return instead === undefined ? didYouMean(key, Object.keys(subject)) : `the result of a command has ${instead}`;
}
