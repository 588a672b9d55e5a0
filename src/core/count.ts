/** `1 host`, `3 hosts`; of what takes no s, or a verb with it, both are told: `2 entries`, `1 key waits`, `3 keys wait`. */
export function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`;
}
