import fc from 'fast-check';

import { labelColors } from '../../nodes/FeishuMail/actions/label/label';

/** Generated inputs are the same in every run, so that a difference can be looked at. */
const SEED = 20261122;
export const COUNT = 60;

export const sample = <T>(arbitrary: fc.Arbitrary<T>): T[] =>
	fc.sample(arbitrary, { seed: SEED, numRuns: COUNT });

export const text = (maxLength: number, minLength = 1) =>
	fc
		.oneof(
			fc.string({ unit: 'grapheme', minLength, maxLength }),
			fc.string({ unit: 'binary', minLength, maxLength }),
			fc.constantFrom('张三', '😀👩‍👩‍👧', 'Ä"\\/\n\t', '{{ $json }}', '=1+1', '\u0000', 'null', '0'),
		)
		.map((value) => Array.from(value).slice(0, maxLength).join(''));

/** Addresses with all characters that mail allows before the @, but for a slash, which the node refuses between dots. */
const address = fc.oneof(
	{ weight: 1, arbitrary: fc.constantFrom('anna+crm@example.com', "o'neil@example.com", '张三@例子.公司') },
	{ weight: 9, arbitrary: fc.emailAddress().filter((value) => !value.includes('/')) },
);

/** Mailboxes as apps and users name them; a user's own is `me`. */
export const mailboxes = { app: address, user: fc.oneof(address, fc.constant('me')) };

/** As many inputs, each with a mailbox of its own. */
export function inputsOf<Fields extends object>(
	mailbox: fc.Arbitrary<string>,
	fields: fc.Arbitrary<Fields>,
	count = COUNT,
): Array<Fields & { mailbox: string }> {
	const input = fc.tuple(mailbox, fields).map(([address, others]) => ({ ...others, mailbox: address }));
	const inputs = fc.uniqueArray(input, {
		minLength: count,
		maxLength: count,
		selector: (one) => one.mailbox.toLowerCase(),
	});
	return fc.sample(inputs, { seed: SEED, numRuns: 1 })[0]!;
}

export const colour = fc.constantFrom(...labelColors.map(({ value }) => String(value)));

/** Ids as Feishu hands them out, and what somebody may put into the field. */
export const id = fc.oneof(
	fc.bigInt({ min: 10n ** 18n, max: 10n ** 19n - 1n }).map(String),
	fc.base64String({ minLength: 12, maxLength: 40 }),
	fc.constantFrom('a/b', 'a?b#c', '50%', '标签 1', "o'neil+x", 'a%2Fb', ':label_id', '0'),
	text(40).filter(
		(value) => value.trim() === value && !/^\.\.?$/m.test(value.replace(/[\s/\\]+/g, '\n')) && value !== '',
	),
);

/** As many ids as one request takes, at most. */
export const ids = fc.uniqueArray(id, { minLength: 1, maxLength: 20, size: 'max' });

/** Some of several fields, at least one. */
export const anyOf = <T extends object>(fields: { [Key in keyof T]: fc.Arbitrary<T[Key]> }) =>
	fc.record(fields, { requiredKeys: [] }).filter((value) => Object.keys(value).length > 0) as fc.Arbitrary<
		Partial<T>
	>;
