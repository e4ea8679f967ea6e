import { checkbox } from '#server/input/choices.js';
import { asForm } from '#server/input/kind.js';
import { code, passkeyAnswer, recoveryCode } from '#server/input/text.js';

export const codeForm = asForm({ code: code(), remember: checkbox() });
export const setupCodeForm = asForm({ code: code() });
export const passkeyForm = asForm({ credential: passkeyAnswer(), remember: checkbox() });
export const recoveryForm = asForm({ recoveryCode: recoveryCode() });
