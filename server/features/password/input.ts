import { asForm } from '#server/input/kind.js';
import { secret } from '#server/input/text.js';

const pair = {
  newPassword: secret('Enter the new password.'),
  confirmPassword: secret('Enter the new password a second time.'),
};

/** A new password, typed twice: at a reset, an invitation and where one must be changed. `checkTypedTwice()` compares them. */
export const newPasswordForm = asForm(pair);

export const changePasswordForm = asForm({
  currentPassword: secret('Enter your current password.'),
  ...pair,
});
