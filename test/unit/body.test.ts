import type { IDataObject } from 'n8n-workflow';

import { bodyOf, LongText } from '../../nodes/FeishuMail/transport/body';

const long = (text: string) =>
	new LongText({ size: text.length, write: (bytes, start) => void bytes.write(text, start) });

it('leaves a body without long texts to n8n', () => {
	const body = { name: 'Ann', tags: ['a'] };
	expect(bodyOf(body)).toEqual({ body });
	expect(bodyOf(body).body).toBe(body);
	expect(bodyOf()).toEqual({});
});

it.each<[string, IDataObject, object]>([
	['alone', { raw: long('eJw_-') }, { raw: 'eJw_-' }],
	['empty', { raw: long('') }, { raw: '' }],
	[
		'among others',
		{ name: '李 "雷" \n', raw: long('abc'), none: undefined, tags: [1, null], same: long('abc') },
		{ name: '李 "雷" \n', raw: 'abc', tags: [1, null], same: 'abc' },
	],
	['after what has no value', { none: undefined, raw: long('abc') }, { raw: 'abc' }],
])('writes a long text into the JSON: %s', (_, body, expected) => {
	const { body: bytes, headers } = bodyOf(body);
	expect(headers).toEqual({ 'Content-Type': 'application/json' });
	expect(JSON.parse((bytes as Buffer).toString())).toEqual(expected);
});
