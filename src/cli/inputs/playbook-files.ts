import { existsSync } from 'node:fs';
import type { Problems } from '../../core/diagnostic.ts';
import { SourceFile } from '../../core/source.ts';
import { nearest } from '../../core/suggest.ts';
import { readTextFile } from '../../core/text-file.ts';
import { readPlaybook } from '../../playbook/load.ts';
import type { Playbook } from '../../playbook/model.ts';
import { catalogue } from '../catalogue.ts';
import type { Environment } from '../environment.ts';
import { embeddedText, packageFile, shippedPlaybooks } from './package-files.ts';

/** The playbook that renews, by the name under which it is found everywhere. */
export const RENEWAL = 'renew-certs.yml';

/** `renew-certs.yml`, or as it stands in a checkout: `playbooks/renew-certs.yml`. */
const SHIPPED_NAME = /^(?:playbooks\/)?([\w-]+\.yml)$/;

/**
 * The path of a playbook as the user names it: a file that is there, else the one of that name that ships with kplay, which is
 * then said. A name that is neither is returned as it is: whoever reads it says that there is no such file.
 */
export function playbookPath(name: string, { stderr }: Environment): string {
  if (isThere(name)) return name;
  const [, file] = SHIPPED_NAME.exec(name) ?? [];
  const shipped = file === undefined ? undefined : shippedPlaybook(file);
  if (shipped === undefined || !isThere(shipped)) return name;
  stderr.write(`Using the ${file} that ships with kplay: ${shipped}\n`);
  return shipped;
}

function isThere(path: string): boolean {
  return existsSync(path) || embeddedText(path) !== undefined;
}

/** What `kplay run renew-certs.yml` reads here. */
export function renewalPath(): string {
  return isThere(RENEWAL) ? RENEWAL : shippedPlaybook(RENEWAL);
}

/** Reads a playbook from such a path. */
export function loadNamed(path: string, problems: Problems): Playbook | undefined {
  const source = playbookText(path, problems);
  return source && readPlaybook(source, catalogue, problems);
}

/** The text behind such a path. What makes it unreadable is reported. */
export function playbookText(path: string, problems: Problems): SourceFile | undefined {
  const text = embeddedText(path);
  return text === undefined
    ? readTextFile(path, 'playbook', problems, undefined, existsSync(path) ? undefined : meantPlaybook(path))
    : new SourceFile(path, text);
}

/** What to do where a playbook is not there: a name without a directory may be meant for one that ships with kplay. */
function meantPlaybook(path: string): string {
  const [, file] = SHIPPED_NAME.exec(path) ?? [];
  const shipped = shippedPlaybooks();
  const meant = file === undefined ? undefined : nearest(file, shipped);
  if (meant === undefined) return 'check the path';
  const others = shipped.filter((name) => name !== meant);
  return `did you mean ${meant}? It ships with kplay, as do ${others.join(', ').replace(/, ([^,]+)$/, ' and $1')}`;
}

/** Reads a playbook that ships with kplay, for a command that runs it. */
export function loadShipped(file: string, problems: Problems): Playbook | undefined {
  return loadNamed(shippedPlaybook(file), problems);
}

export function shippedPlaybook(file: string): string {
  return packageFile(`playbooks/${file}`);
}
