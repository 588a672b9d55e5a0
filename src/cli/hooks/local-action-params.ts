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

/** Knows what each kind takes. */
export function localActionChecker(kinds: ReadonlyMap<string, DocumentedStep>): Promise<ParameterChecker> {
  return createParameterChecker({ steps: kinds, strategies: new Set<string>() });
}

/**
 * The parameters of what is done on the machine of kplay, rendered. @param facts what `kplay_run` holds
 * @throws {TemplateError} when a template has no value, or what it yields is not what the hook takes.
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
  // The values are not quoted: what templates give may be a secret.
  const [complaint] = completed.complaints;
  const where = complaint && complaint.path !== '' ? complaint.path : 'its parameters';
  throw new TemplateError(`${kind}: the result of the templates in ${where} is not valid`, range, complaint?.hint);
}

/** What is wrong with the parameters as they are written, whatever their templates give, is added to `problems`. */
export function checkParams({ kind, params }: LocalAction, checker: ParameterChecker, problems: Problems): void {
  const before = problems.all.length;
  checker.check(kind, params, problems);
  const url = entry(params, 'url')?.value;
  if (problems.all.length > before || url?.kind !== 'scalar' || String(url.value).includes('{{')) return;
  if (isNoAddress(url.value)) problems.error(noAddress(kind.value), url.range, ADDRESS_HINT);
}

const ADDRESS_HINT =
  'write it like https://hooks.example:8443/path, with a name or an address of a host, and a port up to 65535';

/** The address is not quoted: with many services whoever knows it may send. */
const noAddress = (kind: string): string => `${kind}: url is not an address`;

function isNoAddress(url: Json | undefined): boolean {
  return typeof url === 'string' && !URL.canParse(url);
}

/** Where the value of a parameter is written, when it holds a template; a constant has no place. */
function placeOf(params: CompiledValue, name: string): SourceRange | undefined {
  const value = params.kind === 'mapping' ? params.entries.find(([key]) => key === name)?.[1] : undefined;
  return value && rangeOfValue(value);
}
