import type { INodeParameters } from 'n8n-workflow';

import { Published, type Publishing } from './published';
import { engine, sandbox, time } from './stage';

const published = ({ parameters, ...rest }: Publishing = {}) =>
	new Published(engine, {
		parameters: { userMailboxId: sandbox.mailbox.address, ...parameters },
		...rest,
	});

/** A published workflow that is active, in a mailbox with a few mails. */
async function active(parameters: INodeParameters = {}, older = 5): Promise<Published> {
	for (let number = 0; number < older; number++) sandbox.mailbox.receive({ subject: `Older ${number}` });
	time.pass(1000);
	const trigger = published({ parameters });
	await trigger.activate();
	time.pass(1000);
	return trigger;
}

const arrive = (...subjects: string[]) =>
	subjects.map((subject) => {
		time.pass(10);
		return sandbox.mailbox.receive({ subject });
	});

test('starts with what comes in once the workflow is published', async () => {
	const trigger = await active();
	expect(trigger.executions).toEqual([]);
	arrive('One', 'Two');
	await trigger.tick();
	await trigger.tick();
	expect(trigger.subjects).toEqual(['One', 'Two']);
	expect(trigger.executions).toHaveLength(1);
});

test('downloads the files of mails, whatever is left of its time', async () => {
	const trigger = await active({ options: { downloadAttachments: true } });
	sandbox.mailbox.receive({
		subject: 'With a file',
		attachments: [{ filename: 'a.txt', content: Buffer.from('a') }],
	});
	await trigger.tick();
	expect(trigger.errors).toEqual([]);
	expect(trigger.items).toMatchObject([
		{ subject: 'With a file', attachments: [{ filename: 'a.txt', binary_field: 'attachment_0' }] },
	]);
	expect(trigger.executions[0]?.[0]?.binary).toMatchObject({ attachment_0: { fileName: 'a.txt' } });
});
