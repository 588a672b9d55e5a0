import type { Problems } from '../../core/diagnostic.ts';
import { isJsonObject, type Json, type JsonObject } from '../../core/json.ts';
import type { SourceRange } from '../../core/source.ts';
import { UnknownValueError } from '../../core/world.ts';
import { entry } from '../../core/yaml/yaml.ts';
import type { CompiledLocalAction, CompiledPlay } from '../../engine/program/compiled.ts';
import { type CompiledVars, HostScope } from '../../engine/program/scope.ts';
import type { DocumentedStep } from '../../playbook/catalogue.ts';
import { createParameterChecker, type ParameterChecker } from '../../playbook/parameters/parameter-checker.ts';
import type { LocalAction } from '../../playbook/rollout/local-model.ts';
import { TemplateError } from '../../template/errors.ts';
import { render } from '../../template/evaluation/render.ts';
import { type CompiledValue, rangeOfValue } from '../../template/template.ts';

/** Knows the parameters of each kind. */
export function localActionChecker(kinds: ReadonlyMap<string, DocumentedStep>): Promise<ParameterChecker> {
  return createParameterChecker({ steps: kinds, strategies: new Set<string>() });
}

/**
 * The rendered parameters of a local action. @param facts the values of `kplay_run`
 * @throws {TemplateError} when a template has no value, or its result is not what the hook takes.
 */
export function paramsOf(
  { kind, params, range }: CompiledLocalAction,
  play: Pick<CompiledPlay, 'directory' | 'name' | 'vars'>,
  extra: CompiledVars,
  facts: JsonObject,
  checker: ParameterChecker,
): JsonObject {
  const magic = new Map<string, () => Json>([
    ['kplay_run', () => ({ ...facts })],
    ['playbook_dir', () => play.directory],
    ['ansible_play_name', () => play.name],
  ]);
  const layers = {
    extra,
    registered: new Map(),
    task: new Map(),
    play: play.vars,
    host: new Map(),
    magic: () => magic,
  };
  let rendered: Json;
  try {
    rendered = render(params, new HostScope(layers));
  } catch (error) {
    if (!(error instanceof UnknownValueError)) throw error;
    throw new TemplateError(`${kind}: a value is not known`, range);
  }
  const completed = checker.complete(kind, isJsonObject(rendered) ? rendered : {});
  if (completed.kind === 'complete') {
    if (kind === 'command' && 'cmd' in completed.params === 'argv' in completed.params)
      throw new TemplateError('command needs either cmd or argv', range, 'give it one of them');
    const { url } = completed.params;
    if (isNoAddress(url)) throw new TemplateError(noAddress(kind), placeOf(params, 'url') ?? range, ADDRESS_HINT);
    return completed.params;
  }
  // Values are not quoted: the results of templates may be secret.
  const [complaint] = completed.problems;
  const where = complaint && complaint.path !== '' ? complaint.path : 'its parameters';
  throw new TemplateError(`${kind}: the result of the templates in ${where} is not valid`, range, complaint?.hint);
}

/** Adds to `problems` errors in the parameters as written, whatever their templates render to. */
export function checkParams({ kind, params }: LocalAction, checker: ParameterChecker, problems: Problems): void {
  const before = problems.all.length;
  checker.check(kind, params, problems);
  const url = entry(params, 'url')?.value;
  if (problems.all.length > before || url?.kind !== 'scalar' || String(url.value).includes('{{')) return;
  if (isNoAddress(url.value)) problems.error(noAddress(kind.value), url.range, ADDRESS_HINT);
}

const ADDRESS_HINT =
  'write it like https://hooks.example:8443/path, with a name or an address of a host, and a port up to 65535';

/** The address is not quoted: for many services it is all that is needed to send. */
const noAddress = (kind: string): string => `${kind}: url is not an address`;

function isNoAddress(url: Json | undefined): boolean {
  return typeof url === 'string' && !URL.canParse(url);
}

/** Where a parameter's value is written if it contains a template; undefined for a constant. */
function placeOf(params: CompiledValue, name: string): SourceRange | undefined {
  const value = params.kind === 'mapping' ? params.entries.find(([key]) => key === name)?.[1] : undefined;
  return value && rangeOfValue(value);
}
