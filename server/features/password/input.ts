import { asForm } from '#server/input/kind.js';
import { secret } from '#server/input/text.js';

const pair = {
  newPassword: secret('Enter the new password.'),
  confirmPassword: secret('Enter the new password a second time.'),
};

const alike = (typed: { newPassword: string; confirmPassword: string }): boolean =>
  typed.newPassword === typed.confirmPassword;
const unlike = { path: ['confirmPassword'], error: 'The two passwords differ. Type the new password again.' };

/** A new password, typed twice: at a reset, an invitation and where one must be changed. */
export const newPasswordForm = asForm(pair).refine(alike, unlike);

export const changePasswordForm = asForm({
  currentPassword: secret('Enter your current password.'),
  ...pair,
}).refine(alike, unlike);
