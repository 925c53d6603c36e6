/* eslint-disable @n8n/community-nodes/no-restricted-imports, @n8n/community-nodes/no-restricted-globals -- runs on Node, not inside n8n */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { resources } from '../nodes/FeishuMail/actions';
import { scopeLines, type Operation, type Task } from '../nodes/FeishuMail/run/operation';
import type { Endpoint } from '../nodes/FeishuMail/transport/endpoint';
import { accepts, windowOf } from '../nodes/FeishuMail/transport/endpoint';
import { platformHints } from '../nodes/FeishuMail/transport/platformHints';
import { instantMail } from '../nodes/FeishuMail/trigger/instantMail';
import { messageReceived, newMail } from '../nodes/FeishuMail/trigger/newMail';
import zhCN from './zh-CN.json';

const ROOT = join(__dirname, '..');

/** The pages that hold tables, and in which language. */
export const pages: Record<string, (text: string) => string> = {
	'README.md': (text) => text,
	'docs/README.zh-CN.md': (text) => {
		const translation = (zhCN as Record<string, string>)[text];
		if (translation === undefined) throw new Error(`docs/zh-CN.json has no translation of: ${text}`);
		return translation;
	},
};

type Say = (text: string) => string;

const row = (cells: string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;

const table = (head: string[], rows: string[][]) =>
	[row(head), row(head.map(() => '---')), ...rows.map(row)].join('\n');

const code = (text: string) => `\`${text}\``;

/** The scopes that an operation needs: each line any one of several. */
const scopesOf = (operation: Task, say: Say) =>
	scopeLines(operation.endpoints)
		.map((scopes) => scopes.map(code).join(say(' or ')))
		.join('<br>');

/** `20 contact lists a minute` as `20 / minute`. Several endpoints of an operation have the quota of the scarcest. */
function quotaOf({ endpoints, bottleneck }: Task, say: Say): string {
	const quotas = (bottleneck ? [bottleneck] : endpoints).flatMap((endpoint) => {
		const window = windowOf(endpoint);
		if (!window) return [];
		const { limit, seconds } = window;
		return [{ perSecond: limit / seconds, text: `${limit} / ${say(seconds === 60 ? 'minute' : 'second')}` }];
	});
	if (quotas.length === 0) return '';
	return quotas.reduce((least, quota) => (quota.perSecond < least.perSecond ? quota : least)).text;
}

/** What the nodes do, each with what it needs of Feishu. */
function operations(say: Say): string {
	const rowOf = (name: string, description: string, task: Task) => [
		name,
		say(description),
		scopesOf(task, say),
		(['tenant', 'user'] as const)
			.filter((identity) => task.endpoints.every((endpoint) => accepts(endpoint, identity)))
			.map((identity) => say(identity === 'tenant' ? 'app' : 'user'))
			.join(say(', ')),
		quotaOf(task, say),
	];
	return table(['Operation', 'What it does', 'Scope', 'Acts as', 'Quota'].map(say), [
		rowOf(`Trigger > ${messageReceived.name}`, messageReceived.description, newMail),
		rowOf(
			`Instant Trigger > ${messageReceived.name}`,
			'The same within seconds, as Feishu announces each mail; needs both credentials',
			instantMail,
		),
		...resources.flatMap(({ name: resource, operations: all }) =>
			all.map((operation) => rowOf(`${resource} > ${operation.name}`, operation.description, operation)),
		),
	]);
}

/**
 * What a code means for a resource: one text, or one for each group of its operations. A list that others read on the
 * way fails as Get Many does.
 */
function meaning(all: Operation[], code: string, say: Say): string {
	const lists = all.find(({ value }) => value === 'getAll')?.endpoints ?? [];
	const operationsOf = new Map<string, Set<string>>();
	for (const { value, name, endpoints } of all) {
		for (const endpoint of endpoints) {
			if (value !== 'getAll' && lists.includes(endpoint)) continue;
			const text = endpoint.hints[Number(code)];
			if (text) operationsOf.set(text, (operationsOf.get(text) ?? new Set()).add(name));
		}
	}
	return [...operationsOf]
		.map(([text, names]) =>
			operationsOf.size === 1 ? say(text) : `**${[...names].join(', ')}**${say(': ')}${say(text)}`,
		)
		.join('<br>');
}

/** Every code that the node has words for: the ones that mean the same everywhere, then those of each resource. */
function codes(say: Say): string {
	const platform = [...new Set(Object.values(platformHints))].map((text) => {
		const same = Object.keys(platformHints).filter((key) => platformHints[Number(key)] === text);
		return [same.join(', '), say('all'), say(text)];
	});
	const own = resources.flatMap(({ name, operations: all }) => {
		const known = all.flatMap(({ endpoints }) => endpoints.flatMap(({ hints }) => Object.keys(hints)));
		return [...new Set(known)].sort().map((key) => [key, name, meaning(all, key, say)]);
	});
	return table(
		['Code', 'Resource', 'What to do'].map(say),
		[...platform, ...own].map((cells) =>
			cells.map((cell) =>
				cell
					.replaceAll('{scopes}', say('the scope that the message names'))
					.replaceAll('{token}', say('the access token')),
			),
		),
	);
}

/** What the node does when the answer to a request is lost, by what its endpoint declares, and what then remains to do. */
const afterLostAnswer: Record<NonNullable<Endpoint['write']>, [happens: string, remains: string]> = {
	none: ['It is asked for again, up to three times.', 'Run it again later.'],
	repeatable: [
		'It is sent again, up to three times: it says how things shall be, so twice does no harm. Deleting what its own lost try has deleted is a success.',
		'Run it again later, which does nothing twice.',
	],
	findable: [
		'It is looked up: what is there has been created and is a success, what is not there is sent again, up to three times.',
		'Nothing was created: run it again later. If the look-up gets no answer either, look in the mailbox first.',
	],
	keyed: [
		'It is sent again, up to three times: it carries a key of its own, by which Feishu refuses a second one. Nothing is sent twice.',
		'The item says that the outcome is unknown, and what to look for. Running the item again within the same execution sends nothing twice.',
	],
	single: [
		'It is not sent again: two people may be alike, so nothing would tell whether it was created.',
		'The item says that the outcome is unknown: look in the mailbox first.',
	],
};

/** What becomes of a lost answer. What an operation writes decides; one that does several things stands in several rows. */
function lostAnswers(say: Say): string {
	const operationsThat = (wanted: string) =>
		resources.flatMap(({ name: resource, operations: all }) => {
			const names = all
				.filter(({ endpoints }) => {
					const writes = endpoints.flatMap(({ write = 'none' }) => (write === 'none' ? [] : [write]));
					return writes.length > 0 ? writes.some((write) => write === wanted) : wanted === 'none';
				})
				.map(({ name }) => name);
			return names.length > 0 ? [`${resource} > ${names.join(', ')}`] : [];
		});
	return table(
		['Operations', 'When an answer is lost', 'When that does not help'].map(say),
		Object.entries(afterLostAnswer).map(([write, texts]) => [
			operationsThat(write).join('<br>'),
			...texts.map(say),
		]),
	);
}

const tables: Record<string, (say: Say) => string> = { operations, lostAnswers, codes };

/** A page with its tables made anew: what stands between `<!-- table: name -->` and `<!-- end of table -->`. */
export function withTables(text: string, say: Say): string {
	return text.replace(
		/(<!-- table: (\w+) -->\n)[\s\S]*?(<!-- end of table -->)/g,
		(_, start: string, name: string, end: string) => {
			const make = tables[name];
			if (!make) throw new Error(`There is no table '${name}'`);
			return `${start}\n${make(say)}\n\n${end}`;
		},
	);
}

export const readPage = (page: string) => readFileSync(join(ROOT, page), 'utf8');

if (require.main === module) {
	for (const [page, say] of Object.entries(pages)) {
		writeFileSync(join(ROOT, page), withTables(readPage(page), say));
	}
}
