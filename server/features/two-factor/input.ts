import { asForm } from '#server/input/kind.js';
import { code, secret } from '#server/input/text.js';

export const confirmationForm = asForm({ code: code() });
export const disablingForm = asForm({ password: secret('Enter your password.'), code: code() });
