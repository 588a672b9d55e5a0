import { existsSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { Problems } from '../../core/diagnostic.ts';
import { SourceFile } from '../../core/source.ts';
import { nearest } from '../../core/suggest.ts';
import { readTextFile } from '../../core/text-file.ts';
import { isWritableByAll } from '../../core/writable-by-all.ts';
import { readPlaybook } from '../../playbook/load.ts';
import type { Playbook } from '../../playbook/model.ts';
import { wrap } from '../../report/text/width.ts';
import { catalogue } from '../catalogue.ts';
import type { Environment } from '../environment.ts';
import { screenWidth } from '../output/output.ts';
import { embeddedText, packageFile, shippedPlaybooks } from './package-files.ts';

/** The name of the renewal playbook, under which it is found everywhere. */
export const RENEWAL = 'renew-certs.yml';

/** `renew-certs.yml`, or its path in a checkout: `playbooks/renew-certs.yml`. */
const SHIPPED_NAME = /^(?:playbooks\/)?([\w-]+\.yml)$/;

/**
 * The path of a playbook that the user names: an existing file, otherwise the shipped playbook of that name, which is then reported. Any
 * other name is returned unchanged, and reading it fails. Where everybody may leave a file of that name, as in `/tmp`, it is the shipped one.
 */
export function playbookPath(name: string, { stderr }: Environment): string {
  return namedPath(name, (text) => {
    for (const line of text.split('\n').flatMap((long) => wrap(long, screenWidth(stderr)))) stderr.write(`${line}\n`);
  });
}

/** Likewise, for whom nothing is reported unless `say` does it. */
export function namedPath(name: string, say: (line: string) => void = () => undefined): string {
  const [, file] = SHIPPED_NAME.exec(name) ?? [];
  const shipped = file === undefined ? undefined : shippedPlaybook(file);
  if (shipped === undefined || !isThere(shipped)) return name;
  if (isThere(name)) {
    if (!isWritableByAll(dirname(name))) return name;
    say(`warning: ${name} is ignored: everybody can write to its directory\n  to use it all the same, write ./${name}`);
  }
  say(
    embeddedText(shipped) === undefined
      ? `Using the ${file} that ships with kplay: ${shipped}`
      : `Using the ${file} that is built into kplay`,
  );
  return shipped;
}

function isThere(path: string): boolean {
  return existsSync(path) || embeddedText(path) !== undefined;
}

/** The path that `kplay run renew-certs.yml` reads here. */
export function renewalPath(): string {
  return isThere(RENEWAL) && !isWritableByAll('.') ? RENEWAL : shippedPlaybook(RENEWAL);
}

/** Reads a playbook from such a path. */
export function loadNamed(path: string, problems: Problems): Playbook | undefined {
  const source = playbookText(path, problems);
  return source && readPlaybook(source, catalogue, problems);
}

/** The text of such a path. Errors are reported. */
export function playbookText(path: string, problems: Problems): SourceFile | undefined {
  const text = embeddedText(path);
  return text === undefined
    ? readTextFile(path, 'playbook', problems, { ifMissing: existsSync(path) ? undefined : playbookHint(path) })
    : new SourceFile(path, text, shownPath(path));
}

/** How messages call a playbook: one that is built into the single executable has no path that anybody could look at. */
export function shownPath(path: string): string {
  return embeddedText(path) === undefined ? path : `${basename(path)} (built in)`;
}

/** How a command names a playbook. */
export function typedPath(path: string): string {
  return embeddedText(path) === undefined ? path : basename(path);
}

/** A hint for a missing playbook: a name without a directory, with whatever extension, may be meant for a shipped one. */
function playbookHint(path: string): string {
  const [, name] = /^(?:playbooks\/)?([\w-]+)(?:\.ya?ml)?$/.exec(path) ?? [];
  const shipped = shippedPlaybooks();
  const suggested = name === undefined ? undefined : nearest(`${name}.yml`, shipped);
  if (suggested === undefined) return 'check the path';
  const others = shipped.filter((name) => name !== suggested);
  return `did you mean ${suggested}? It ships with kplay, as do ${others.join(', ').replace(/, ([^,]+)$/, ' and $1')}`;
}

/** Reads a playbook that ships with kplay, for a command that runs it. */
export function loadShipped(file: string, problems: Problems): Playbook | undefined {
  return loadNamed(shippedPlaybook(file), problems);
}

/** The path of a playbook that ships with kplay: `renew-certs.yml`. */
export function shippedPlaybook(file: string): string {
  return packageFile(`playbooks/${file}`);
}
