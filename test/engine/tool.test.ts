import type { INodeParameters, IRunExecutionData } from 'n8n-workflow';

import type { Fault } from '../sandbox';
import { connected, engine, sandbox } from './stage';

const fromModel = (name: string) => `={{ $fromAI('${name}') }}`;

const letter: INodeParameters = {
	resource: 'message',
	operation: 'send',
	userMailboxId: 'me',
	to: fromModel('to'),
	subject: 'Plan',
	message: '<p>Hello</p>',
};

const tool = async (parameters: INodeParameters = letter, settings = {}, stored?: IRunExecutionData) =>
	await engine.tool({ parameters, settings, credential: await connected() }, stored);

/** What the model is told, without what n8n puts around it. */
const items = (told: string) => JSON.parse(told) as Array<Record<string, unknown>>;

/** What the MCP Server Trigger has of an execution, as n8n makes it: results, and no place for what nodes note. */
const ofMcpTrigger = () => ({ version: 1, resultData: { runData: {} } }) as unknown as IRunExecutionData;

const lostAnswer: Fault = { kind: 'html', status: 504, after: true };

const receivers = () => sandbox.sentMails.map(({ mail }) => mail.to.map(({ mail_address }) => mail_address));

describe('as a tool behind the MCP Server Trigger', () => {
	it('sends mails', async () => {
		const call = await tool(letter, {}, ofMcpTrigger());
		expect(items(await call({ to: 'bob@example.org' }))).toMatchObject([{ outcome: 'sent' }]);
		expect(items(await call({ to: 'eve@example.org' }))).toMatchObject([{ outcome: 'sent' }]);
		expect(receivers()).toEqual([['bob@example.org'], ['eve@example.org']]);
	});

	it('lists labels', async () => {
		sandbox.mailbox.labels.push({ id: 'l1', name: 'VIP', background_color: 'blue', messages_unread: 0 });
		const parameters = { resource: 'label', operation: 'getAll', userMailboxId: 'me' };
		const call = await tool(parameters, {}, ofMcpTrigger());
		expect(items(await call({}))).toMatchObject([{ id: 'l1' }]);
	});
});

describe('as a tool of an agent', () => {
	it('sends a mail for each call that says something else', async () => {
		const call = await tool();
		await call({ to: 'bob@example.org' });
		await call({ to: 'eve@example.org' });
		expect(receivers()).toEqual([['bob@example.org'], ['eve@example.org']]);
	});

	it('sends a mail once when all answers of a try are lost and Retry On Fail tries again', async () => {
		sandbox.fail({ api: 'mail.message.send', on: [1, 2, 3], with: lostAnswer });
		const call = await tool(letter, { retryOnFail: true, maxTries: 2, waitBetweenTries: 0 });
		expect(items(await call({ to: 'bob@example.org' }))).toMatchObject([{ outcome: 'alreadySent' }]);
		expect(receivers()).toEqual([['bob@example.org']]);
	});

	it('sends a mail once when the model tries again because nobody knows whether it was sent', async () => {
		sandbox.fail({ api: 'mail.message.send', on: [1, 2, 3], with: lostAnswer });
		const call = await tool();
		await expect(call({ to: 'bob@example.org' })).rejects.toThrow('It is unknown');
		expect(items(await call({ to: 'bob@example.org' }))).toMatchObject([{ outcome: 'alreadySent' }]);
		expect(receivers()).toEqual([['bob@example.org']]);
	});

	it('sends what the model corrects', async () => {
		sandbox.fail({ api: 'mail.message.send', with: { status: 400, code: 1236018 } });
		const call = await tool();
		await expect(call({ to: 'bob@example.org' })).rejects.toThrow('does not accept a recipient');
		expect(items(await call({ to: 'bob@example.com' }))).toMatchObject([{ outcome: 'sent' }]);
		expect(receivers()).toEqual([['bob@example.com']]);
	});
});
