/** How strictly a write wants to be taken, and whether its options make sense. */
import { toText } from '../bytes/utf8.ts';
import { badRequest, type Cause, cause, invalid } from '../http/statuses.ts';
import type { FieldValidation, Strictness } from './admission.ts';
import { duplicateFields } from './duplicates.ts';
import { applyType } from './patches.ts';
import type { Write } from './write.ts';

/** @throws StatusError 422 for options that are none [apimachinery 1.36, apis/meta/v1/validation]. */
export function checkOptions({ query, body }: Write, kind: 'CreateOptions' | 'UpdateOptions' | 'PatchOptions'): void {
  const [manager, validation] = [query.get('fieldManager') ?? '', query.get('fieldValidation') ?? ''];
  const dryRun = query.getAll('dryRun').filter((value) => value !== '');
  const isApply = body.media === applyType;
  const wrong: readonly (readonly [boolean, Cause])[] = [
    [
      isApply && manager === '' && kind === 'PatchOptions',
      cause.required('fieldManager', 'is required for apply patch'),
    ],
    [
      kind === 'PatchOptions' && !isApply && query.has('force'),
      cause.forbidden('force', 'may not be specified for non-apply patch'),
    ],
    [manager.length > 128, cause.tooLong('fieldManager', 128)],
    [dryRun.some((value) => value !== 'All'), cause.unsupported('dryRun', dryRun, ['All'])],
    [
      !['', ...validations].includes(validation),
      cause.unsupported('fieldValidation', validation, ['', ...validations]),
    ],
  ];
  const causes = wrong.filter(([isWrong]) => isWrong).map(([, problem]) => problem);
  if (causes.length > 0) throw invalid({ group: 'meta.k8s.io', kind }, '', causes);
}

const validations = ['Ignore', 'Strict', 'Warn'] as const;

const validationOf = (query: URLSearchParams): FieldValidation =>
  validations.find((validation) => validation === query.get('fieldValidation')) ?? 'Warn';

/** How a write treats what its kind does not have, and what it answers when it is strict. */
export function strictnessOf({ kinds, resource: { kind }, target: { version }, query, body }: Write): Strictness {
  const validation = validationOf(query);
  if (body.media.endsWith('-patch+json')) {
    const patch = toText(body.bytes);
    const refuse = (problem: string): Error =>
      invalid({ group: '', kind: '' }, '', [cause.invalid('patch', patch, problem)]);
    return { kinds, validation, refuse };
  }
  const isJson = body.media === '' || body.media === 'application/json';
  return {
    kinds,
    validation,
    duplicates: isJson ? duplicateFields(toText(body.bytes)) : [],
    refuse: (problem) => badRequest(`${kind} in version "${version}" cannot be handled as a ${kind}: ${problem}`),
  };
}
