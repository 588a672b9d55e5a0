import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

/** The hosts of the corpus, with what the inventory says of each. */
export const HOSTS = { one: 'color: red', two: 'color: "{{ shade }}", shade: blue', three: 'color: green' } as const;

/** An inventory of them. @param vars of all of them, in YAML's short form */
export function inventoryText(vars: string): string {
  const host = (name: keyof typeof HOSTS): string => `${name}: { ${HOSTS[name]} }`;
  return `all:
  vars: { ansible_connection: local, ${vars} }
  children:
    web: { hosts: { ${host('one')}, ${host('two')} } }
    db: { hosts: { ${host('three')} } }
`;
}

/** An empty root directory for each of them. */
export function makeRoots(base: string): void {
  for (const name of Object.keys(HOSTS)) mkdirSync(join(base, name), { recursive: true });
}
