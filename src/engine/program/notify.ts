import { suggestion } from '../../core/suggest.ts';
import { TemplateError } from '../../template/errors.ts';
import { render } from '../../template/evaluation/render.ts';
import { rangeOfValue } from '../../template/template.ts';
import type { TaskPlace } from './place.ts';
import { type HostScope, OMIT } from './scope.ts';

/**
 * The names that a task's templates notify on a host: each yields a name, a list of names, or nothing (`omit`).
 * @throws {TemplateError} when the play has no handler of that name
 */
export function notifiedBy({ task, play }: TaskPlace, scope: HostScope): readonly string[] {
  return task.notifyTemplates.flatMap((template) => {
    const value = render(template, scope);
    const notified = (Array.isArray(value) ? value : [value]).flatMap((word) =>
      word === null || word === OMIT ? [] : [String(word)],
    );
    const known = new Set(play.handlers.flatMap(({ names }) => [...names]));
    const wrong = notified.find((word) => !known.has(word));
    if (wrong === undefined) return notified;
    throw new TemplateError(
      `there is no handler '${wrong}'`,
      rangeOfValue(template) ?? task.range,
      suggestion(wrong, known, 'the handlers are'),
    );
  });
}
