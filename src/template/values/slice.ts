import { isJsonArray, type Json } from '../../core/json.ts';
import { Complaint } from '../errors.ts';
import { charactersOf } from './lookup.ts';
import { typeName } from './value.ts';

/** `subject[start:stop:step]` as in Python; null bounds are omitted ones. */
export function slice(subject: Json, start: Json, stop: Json, step: Json): Json {
  if (isJsonArray(subject)) return sliceOfList(subject, start, stop, step);
  if (typeof subject === 'string') return sliceOfList([...charactersOf(subject)], start, stop, step).join('');
  throw new Complaint(`only a string or list can be sliced, not ${typeName(subject)}`);
}

/** The same for items of any kind. */
export function sliceOfList<T>(items: readonly T[], start: Json, stop: Json, step: Json): readonly T[] {
  const stride = bound(step) ?? 1;
  if (stride === 0) throw new Complaint('the step of a slice cannot be 0');
  const indexes = sliceIndexes(items.length, bound(start), bound(stop), stride);
  return indexes.map((index) => items[index] as T);
}

function bound(value: Json): number | undefined {
  if (value === null) return undefined;
  if (typeof value === 'number' && Number.isInteger(value)) return value;
  throw new Complaint(`the bounds of a slice are whole numbers, not ${typeName(value)}`);
}

function sliceIndexes(length: number, start: number | undefined, stop: number | undefined, step: number): number[] {
  const [lowest, highest] = step > 0 ? [0, length] : [-1, length - 1];
  const place = (index: number) => Math.min(highest, Math.max(lowest, index < 0 ? index + length : index));
  const first = start === undefined ? (step > 0 ? lowest : highest) : place(start);
  const end = stop === undefined ? (step > 0 ? highest : lowest) : place(stop);
  const count = Math.max(0, Math.ceil((end - first) / step));
  return Array.from({ length: count }, (_, index) => first + index * step);
}
