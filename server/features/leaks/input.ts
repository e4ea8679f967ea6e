import { asBody } from '#server/input/kind.js';
import { tokens } from '#server/input/text.js';

const MOST = 100;

export const leakedBody = asBody({ tokens: tokens(1000, MOST) });
