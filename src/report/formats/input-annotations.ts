import { type Diagnostic, inReadingOrder } from '../../core/diagnostic.ts';
import { positionOf } from '../../core/source.ts';
import { withoutSecrets } from '../secrets/source-mask.ts';
import { type Annotation, githubAnnotations } from './github-commands.ts';
import type { InRepository } from './report-kinds.ts';

/** Problems with the input as annotations for GitHub, at their lines if these are in the repository. */
export function inputAnnotations(diagnostics: readonly Diagnostic[], inRepository: InRepository): string {
  const masked = withoutSecrets(inReadingOrder(diagnostics));
  const ofLevel = (level: Diagnostic['severity']) =>
    masked.filter(({ severity }) => severity === level).map((one) => annotation(one, inRepository));
  return [...githubAnnotations('error', ofLevel('error')), ...githubAnnotations('warning', ofLevel('warning'))]
    .map((line) => `${line}\n`)
    .join('');
}

function annotation({ message, hint, range }: Diagnostic, inRepository: InRepository): Annotation {
  const file = range && inRepository(range.file.path);
  return {
    title: message,
    message: hint === undefined ? message : `What to do: ${hint}`,
    ...(range && file !== undefined && { position: { ...positionOf(range), file } }),
  };
}
