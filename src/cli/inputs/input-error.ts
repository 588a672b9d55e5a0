import { InputError, type Problems } from '../../core/diagnostic.ts';
import type { SecretMask } from '../../core/secret.ts';
import type { Inputs } from './inputs.ts';
import { addSecrets } from './secret-variables.ts';

/** The error for wrong inputs, with secrets masked: its messages may contain the results of templates. */
export function inputError(
  { all }: Problems,
  inputs: Pick<Inputs, 'plays' | 'surroundings' | 'secretNames' | 'checks'> | undefined,
  mask: SecretMask,
): InputError {
  if (inputs) addSecrets(inputs, mask);
  return new InputError(
    all.map((one) => ({
      ...one,
      message: mask.apply(one.message),
      ...(one.hint !== undefined && { hint: mask.apply(one.hint) }),
    })),
  );
}
