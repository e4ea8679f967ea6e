import { asBody, asForm } from '#server/input/kind.js';
import { line } from '#server/input/text.js';

const refusal = { reason: line('Say why: whoever asked for it is told.', 300) };

export const refusalForm = asForm(refusal);
export const refusalBody = asBody(refusal);
