/** `1 host`, `3 hosts`. `many` is given when the plural is irregular or a verb follows: `2 entries`, `1 key waits`, `3 keys wait`. */
export function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`;
}
