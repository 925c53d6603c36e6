import type { IN8nHttpFullResponse } from 'n8n-workflow';

import {
	describeAnswer,
	detailsOf,
	missingScopes,
	readAnswer,
} from '../../nodes/FeishuMail/transport/answer';

const response = (body: unknown, change: Partial<IN8nHttpFullResponse> = {}) =>
	({ statusCode: 200, headers: {}, body, ...change }) as IN8nHttpFullResponse;

describe('readAnswer', () => {
	it('reads code, status and the log id of the header', () => {
		const headers = {
			'x-tt-logid': 'log-1',
			'x-ogw-ratelimit-reset': '3.5',
		};
		expect(readAnswer(response({ code: 0, data: {} }, { headers }))).toEqual({
			httpCode: 200,
			code: 0,
			logId: 'log-1',
			quotaReset: '3.5',
			body: { code: 0, data: {} },
		});
	});

	it.each([
		['log_id', 'as live answers spell it'],
		['logid', 'as the docs spell it'],
	])('prefers error.%s, %s', (key) => {
		const headers = { 'x-tt-logid': 'header' };
		expect(readAnswer(response({ code: 1, error: { [key]: 'body' } }, { headers })).logId).toBe('body');
	});

	it.each<[string, unknown]>([
		['HTML', '<html></html>'],
		['cut-off JSON', '{"code":0,"da'],
		['nothing', ''],
		['null', null],
		['a list', [{ code: 0 }]],
		['no code', { data: {} }],
		['a code in quotes', { code: '0', data: {} }],
		['bytes', Buffer.from('{"code":0}')],
	])('finds no code in %s', (_, body) => {
		expect(readAnswer(response(body)).code).toBeUndefined();
	});
});

describe('describeAnswer', () => {
	const describeBody = (body: unknown) => describeAnswer(readAnswer(response(body, { statusCode: 400 })));

	it('gives message, code, status and log id', () => {
		expect(describeBody({ code: 1230001, msg: 'parameter error', error: { log_id: 'L1' } })).toBe(
			"Feishu's answer: parameter error (code 1230001, HTTP 400, log id L1).",
		);
	});

	it('names fields and permissions, and no links, which are wider than the box', () => {
		const text = describeBody({
			code: 99992402,
			msg: 'field validation failed',
			error: {
				field_violations: [{ field: 'name', value: 'x', description: 'too long' }, { field: 'tag' }],
				permission_violations: [
					{ type: 'action_privilege_required', subject: 'mail:one' },
					{ scope: 'mail:two' },
				],
				troubleshooter: 'see https://open.feishu.cn/search?log_id=L1',
				helps: [{ url: 'https://open.feishu.cn/help', description: 'Help' }],
			},
		});
		expect(text).not.toContain('https:');
		expect(text).toContain('Field name: too long (value: x).');
		expect(text).toContain('Field tag: refused.');
		expect(text).toContain('Missing permission: mail:one, mail:two.');
	});

	it.each<[string, string, string]>([
		[
			'English and then Chinese',
			'Access denied: [a:b].应用尚未开通所需的权限：[a:b]',
			'Access denied: [a:b]',
		],
		['Chinese alone', '没有权限。请联系管理员', '没有权限。请联系管理员'],
		['English about a Chinese name', 'label 客户. exists', 'label 客户. exists'],
		[
			'a link',
			'No scope, see https://open.feishu.cn/app/cli_1/auth?q=a:b. Thanks',
			'No scope, see ... Thanks',
		],
	])('of a message that is %s shows in the box what fits', (_, msg, shown) => {
		expect(describeBody({ code: 5, msg })).toBe(`Feishu's answer: ${shown} (code 5, HTTP 400).`);
	});

	it('stays short where Feishu gives back a whole mail, and complains of each recipient', () => {
		const violation = { field: 'raw', value: 'x'.repeat(5_000_000), description: 'too long' };
		const error = { field_violations: Array.from({ length: 500 }, () => violation) };
		const said = describeBody({ code: 1, msg: 'no', error });
		expect(said.length).toBeLessThan(50_000);
		expect(said).toContain('xxx…).\n');
		expect(said).toContain('And 480 more fields.');
	});

	it.each([undefined, null, 'text', 5, [1, null, 'x']])(
		'survives violations of the form %p',
		(violations) => {
			const error = { field_violations: violations, permission_violations: violations, helps: violations };
			expect(describeBody({ code: 1, msg: 'no', error })).toBe("Feishu's answer: no (code 1, HTTP 400).");
		},
	);
});

describe('detailsOf', () => {
	const detailsOfBody = (body: unknown) => detailsOf(readAnswer(response(body, { statusCode: 400 })));

	it('is code, status and log id where that is all', () => {
		expect(detailsOfBody({ code: 5, msg: 'no', error: { log_id: 'L1' } })).toEqual({
			code: 5,
			httpCode: 400,
			logId: 'L1',
		});
	});

	it.each(['排查建议查看(Troubleshooting suggestions): ', 'Troubleshooting suggestions: ', ''])(
		'holds the address of the troubleshooter alone, without the words %p',
		(words) => {
			const url = 'https://open.feishu.cn/search?from=openapi&log_id=L1&code=5&method_id=7';
			expect(detailsOfBody({ code: 5, error: { troubleshooter: words + url } })).toMatchObject({
				troubleshooter: url,
			});
		},
	);

	it('holds a message in both languages, and every other address once', () => {
		const url = 'https://open.feishu.cn/app/cli_1/auth?q=a:b&op_from=openapi&token_type=tenant';
		const msg = `Access denied: [a:b].应用尚未开通所需的权限：[a:b]，点击链接申请并开通任一权限即可：${url}`;
		const help = 'https://open.feishu.cn/document/help';
		expect(detailsOfBody({ code: 5, msg, error: { helps: [{ url }, { url: help }, {}] } })).toMatchObject({
			message: msg.replace(url, '...'),
			links: [url, help],
		});
	});

	it.each([undefined, null, 'text', 5, [1, null, 'x']])('survives helps of the form %p', (helps) => {
		expect(detailsOfBody({ code: 5, msg: 'no', error: { helps } })).toEqual({ code: 5, httpCode: 400 });
	});
});

describe('missingScopes', () => {
	it('is empty without violations', () => {
		expect(missingScopes(readAnswer(response({ code: 1 })))).toEqual([]);
	});
});
