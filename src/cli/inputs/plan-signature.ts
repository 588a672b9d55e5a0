import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { mayAccess } from '../../core/access.ts';
import { InputError, type OptionName, type Problems } from '../../core/diagnostic.ts';
import { describeSystemError } from '../../core/system-error.ts';
import type { Environment } from '../environment.ts';

/** The namespace of signatures: a signature made for anything else does not sign a plan. */
const NAMESPACE = 'kplay-plan';

/** The path of a plan's signature, as ssh-keygen names it. */
export function signaturePath(plan: string): string {
  return `${plan}.sig`;
}

/** Adds to `problems` what would prevent signing a plan, as far as it can be checked in advance. */
export function checkSigning(key: string, environment: Environment, problems: Problems): void {
  checkReadable(key, '--sign', problems);
  checkProgram('--sign', environment, problems);
}

/** The same for checking a signature. */
export function checkVerifying(signers: string, environment: Environment, problems: Problems): void {
  checkReadable(signers, '--verify', problems);
  checkProgram('--verify', environment, problems);
}

function checkReadable(path: string, option: OptionName, problems: Problems): void {
  try {
    accessSync(path, constants.R_OK);
  } catch (error) {
    problems.error(`cannot read ${path}: ${describeSystemError(error)}`, [option], `check ${option}`);
  }
}

function checkProgram(option: OptionName, { variables }: Environment, problems: Problems): void {
  const places = (variables['PATH'] ?? '').split(delimiter).map((directory) => join(directory, 'ssh-keygen'));
  if (places.some((path) => mayAccess(path, constants.X_OK))) return;
  problems.error(`${option} needs ssh-keygen, which is not on this machine`, [option], 'install OpenSSH, 8.1 or newer');
}

/**
 * Signs a text with an ssh key: a private key, or a public one whose private half an agent has.
 * @throws {InputError} when ssh-keygen fails.
 */
export function sign(text: string, key: string, environment: Environment): string {
  const { status, stdout, stderr } = keygen(['-Y', 'sign', '-n', NAMESPACE, '-f', key], text, environment);
  if (status === 0) return stdout;
  throw InputError.of(
    `the plan could not be signed with ${key}, and is not saved: ${firstLine(stderr)}`,
    ['--sign'],
    'check --sign: it takes a private key, or a public one whose private key is in an agent',
  );
}

/**
 * The signer of a text, as the file of allowed signers names them (ssh-keygen(1), ALLOWED SIGNERS).
 * @throws {InputError} when it is not signed by an allowed signer.
 */
export function signerOf(text: string, path: string, signers: string, environment: Environment): string {
  const signature = signaturePath(path);
  const refuse = (reason: string): InputError =>
    InputError.of(
      `${path} is not applied: ${reason}`,
      undefined,
      `get it signed by somebody in ${signers}: kplay plan … --out FILE --sign KEY`,
    );
  try {
    accessSync(signature, constants.R_OK);
  } catch (error) {
    throw refuse(`its signature ${signature} cannot be read: ${describeSystemError(error)}`);
  }
  const found = keygen(['-Y', 'find-principals', '-s', signature, '-f', signers], '', environment);
  const [principal] = found.stdout.split('\n');
  if (found.status !== 0 || !principal) throw refuse(`nobody in ${signers} has signed it`);
  const words = ['-Y', 'verify', '-n', NAMESPACE, '-f', signers, '-I', principal, '-s', signature];
  const { status, stdout, stderr } = keygen(words, text, environment);
  if (status !== 0) throw refuse(`the signature does not belong to this plan: ${firstLine(stderr || stdout)}`);
  return principal;
}

/** ssh-keygen itself asks for a passphrase on the terminal. */
function keygen(words: readonly string[], input: string, { variables }: Environment) {
  // Few commands sign: to the others it would only be something more to load.
  const { spawnSync } = process.getBuiltinModule('node:child_process');
  const { status, stdout, stderr } = spawnSync('ssh-keygen', words, {
    input,
    encoding: 'utf8',
    env: { ...variables, LC_ALL: 'C' },
  });
  return { status, stdout: stdout ?? '', stderr: stderr ?? '' };
}

function firstLine(text: string): string {
  return text.trim().split('\n')[0]?.replace(/\r$/, '') || 'ssh-keygen gives no reason';
}
