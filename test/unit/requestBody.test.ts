import { DateTime } from 'luxon';

import { contactBody } from '../../nodes/FeishuMail/actions/contact/mailContact';
import { folderName } from '../../nodes/FeishuMail/actions/folder/mailFolder';
import { labelBody, labelChanges } from '../../nodes/FeishuMail/actions/label/label';
import { parameterName, requestBody, type BodyRules } from '../../nodes/FeishuMail/run/requestBody';

const body = (
	rules: BodyRules,
	values: Record<string, unknown>,
	...emptyText: [] | ['isAbsent' | 'clears']
) => requestBody(rules, (parameter) => ({ value: values[parameter], displayName: parameter }), ...emptyText);

describe('parameterName', () => {
	it.each([
		['name', 'name'],
		['mail_address', 'mailAddress'],
		['background_color', 'backgroundColor'],
		['user_mailbox_id', 'userMailboxId'],
	])('%s is the parameter %s', (key, parameter) => {
		expect(parameterName(key)).toBe(parameter);
	});
});

describe('limits of a contact', () => {
	const limits = { company: 64, phone: 40, mail_address: 319, tag: 64, remark: 1000, position: 64, name: 64 };

	it('are stated for every field of the API', () => {
		expect(Object.keys(contactBody).sort()).toEqual(Object.keys(limits).sort());
	});

	describe.each(Object.entries(limits))('%s', (key, limit) => {
		const parameter = parameterName(key);
		// One code point each: a letter, a Chinese character, an emoji of two UTF-16 units.
		it.each(['x', '张', '😀'])(`takes ${limit} times %s`, (character) => {
			const text = character.repeat(limit);
			expect(body(contactBody, { name: 'Anna', [parameter]: text })).toMatchObject({ [key]: text });
		});

		it.each(['x', '张', '😀'])(`refuses ${limit + 1} times %s`, (character) => {
			expect(() => body(contactBody, { name: 'Anna', [parameter]: character.repeat(limit + 1) })).toThrow(
				`'${parameter}' has ${limit + 1} characters; Feishu takes at most ${limit}`,
			);
		});
	});

	it('counts a family of four as the seven code points that it is', () => {
		const family = '👨‍👩‍👧‍👦';
		expect(body(contactBody, { name: family.repeat(9) })).toEqual({ name: family.repeat(9) });
		expect(() => body(contactBody, { name: family.repeat(10) })).toThrow("'name' has 70 characters");
	});

	it.each(['', undefined, null])('refuses %p as a name', (name) => {
		expect(() => body(contactBody, { name })).toThrow("'name' is empty");
	});

	it.each([' ', '\t', '0'])('sends %j as a name: Feishu decides', (name) => {
		expect(body(contactBody, { name })).toEqual({ name });
	});
});

describe('limits of a label', () => {
	it.each(['x', '签', '🏷'])('takes a name of 255 times %s', (character) => {
		expect(body(labelBody, { name: character.repeat(255) })).toEqual({ name: character.repeat(255) });
	});

	it.each(['x', '签', '🏷'])('refuses a name of 256 times %s', (character) => {
		expect(() => body(labelBody, { name: character.repeat(256) })).toThrow('256 characters');
	});

	it('refuses an empty name', () => {
		expect(() => body(labelBody, { name: '' })).toThrow("'name' is empty");
	});

	const colors = [
		'blue',
		'indigo',
		'purple',
		'violet',
		'carmine',
		'red',
		'orange',
		'yellow',
		'lime',
		'green',
		'turquoise',
		'wathet',
	];

	it.each(colors)('takes the colour %s', (backgroundColor) => {
		expect(body(labelBody, { name: 'a', backgroundColor })).toEqual({
			name: 'a',
			background_color: backgroundColor,
		});
	});

	it.each([
		['Blue', 'blue'],
		[' RED ', 'red'],
		['Light Blue', 'wathet'],
		['light blue (wathet)', 'wathet'],
		['Wathet', 'wathet'],
		['Carmine', 'carmine'],
		['deep pink', 'carmine'],
	])('takes the name %j for the colour %s', (backgroundColor, color) => {
		expect(body(labelBody, { name: 'a', backgroundColor })).toEqual({ name: 'a', background_color: color });
	});

	it.each(['pink', 'bluegreen', 'light', '#ff0000', '0', '()'])(
		'refuses the colour %j',
		(backgroundColor) => {
			expect(() => body(labelBody, { name: 'a', backgroundColor })).toThrow(/must be one of: .*wathet/);
			for (const color of colors) {
				expect(() => body(labelBody, { name: 'a', backgroundColor })).toThrow(color);
			}
		},
	);

	it.each(['', undefined, null])('leaves the colour to Feishu for %p', (backgroundColor) => {
		expect(body(labelBody, { name: 'a', backgroundColor })).toEqual({ name: 'a' });
	});
});

describe('values from expressions', () => {
	const now = DateTime.fromISO('2026-11-22T08:00:00.000Z', { zone: 'utc' });

	it.each<[unknown, string]>([
		[19912341234, '19912341234'],
		[0, '0'],
		[-1.5, '-1.5'],
		[true, 'true'],
		[false, 'false'],
		[123456789012345678901234567890n, '123456789012345678901234567890'],
		[new Date(0), '1970-01-01T00:00:00.000Z'],
		[now, '2026-11-22T08:00:00.000Z'],
	])('%p is sent as text', (value, text) => {
		expect(body(contactBody, { name: 'Anna', remark: value })).toEqual({ name: 'Anna', remark: text });
	});

	it.each(['', undefined, null])('%p is absent', (value) => {
		expect(body(contactBody, { name: 'Anna', remark: value })).toEqual({ name: 'Anna' });
	});

	it.each<[unknown, string]>([
		[['a', 'b'], 'a list'],
		[[], 'a list'],
		[{ a: 1 }, 'an object'],
	])('%p is refused', (value, what) => {
		expect(() => body(contactBody, { name: 'Anna', tag: value })).toThrow(
			`'tag' must be text, but its value is ${what}`,
		);
	});
});

describe('a change to what exists', () => {
	const changes = (rules: BodyRules, values: Record<string, unknown>) => body(rules, values, 'clears');

	it.each(['company', 'phone', 'mail_address', 'tag', 'remark', 'position'])(
		'clears %s of a contact with an empty text',
		(key) => {
			const values = { name: 'Anna', [parameterName(key)]: '' };
			expect(changes(contactBody, values)).toEqual({ name: 'Anna', [key]: '' });
		},
	);

	it.each([undefined, null])('leaves alone what is %p', (value) => {
		const values = Object.fromEntries(Object.keys(contactBody).map((key) => [parameterName(key), value]));
		expect(changes(contactBody, { ...values, name: 'Anna' })).toEqual({ name: 'Anna' });
		expect(changes(labelChanges, { name: value, backgroundColor: value })).toEqual({});
		expect(changes({ name: folderName }, { name: value })).toEqual({});
	});

	it.each<[string, BodyRules, Record<string, unknown>, string]>([
		['the name of a contact', contactBody, { name: '' }, "'name' is empty"],
		['the name of a label', labelChanges, { name: '' }, "'name' is empty"],
		['the name of a folder', { name: folderName }, { name: '' }, "'name' is empty"],
		['the colour of a label', labelChanges, { backgroundColor: '' }, "'backgroundColor' must be one of"],
	])('cannot clear %s', (_, rules, values, words) => {
		expect(() => changes(rules, values)).toThrow(words);
	});

	it.each([undefined, null])('of a contact needs a name: %p is refused', (name) => {
		expect(() => changes(contactBody, { name, tag: '' })).toThrow("'name' is empty");
	});

	it.each<[string, BodyRules, Record<string, unknown>]>([
		['a tag', contactBody, { name: 'Anna', tag: 'x'.repeat(65) }],
		['a label', labelChanges, { name: 'x'.repeat(256) }],
		['a folder', { name: folderName }, { name: 'x'.repeat(251) }],
	])('has the limits of creating: too long a name of %s is refused', (_, rules, values) => {
		expect(() => changes(rules, values)).toThrow('Feishu takes at most');
	});

	it.each(['x', '夹', '📁'])('takes a folder name of 250 times %s', (character) => {
		const name = character.repeat(250);
		expect(changes({ name: folderName }, { name })).toEqual({ name });
	});
});
