import { captureLog } from './capturedLog';

import { keepFilesIn } from './engine';
import { active, addFolder, arrive, arriveMany, GET, lastRead, published, receive } from './watching';
import { locate, sandbox, time } from './stage';

beforeAll(async () => await keepFilesIn('memory'));
beforeEach(() => captureLog());

/** Mails that Feishu cannot give, alone or with others. */
const poison = (
	ids: string[],
	isSick: () => boolean = () => true,
	fault = { status: 500, code: 1230004, msg: 'internal error' },
) => {
	const on = () => ids.some((id) => lastRead().message_ids.includes(id)) && isSick();
	sandbox.fail({ api: GET, on, with: fault });
};
const hasTexts = () => lastRead().format !== 'metadata';

describe('several mails that Feishu cannot give keep no other back', () => {
	it.each([
		['one in each half', [0, 3]],
		['two beside each other', [2, 3]],
		['three of four', [0, 1, 2]],
	])('%s', async (_, places) => {
		const trigger = await active();
		const mails = arrive('0', '1', '2', '3');
		poison(places.map((place) => mails[place]!.message_id));
		await trigger.ticks(6);
		expect(trigger.subjects).toEqual(['0', '1', '2', '3'].filter((__, place) => !places.includes(place)));
	});

	it('five whose texts it cannot give, before others', async () => {
		const trigger = await active();
		const mails = arrive('0', '1', '2', '3', '4');
		poison(
			mails.map(({ message_id }) => message_id),
			hasTexts,
		);
		await trigger.tick();
		arriveMany(2);
		await trigger.ticks(6);
		expect(trigger.subjects).toEqual(['New 0', 'New 1']);
	});

	it('two, with a limit of two', async () => {
		const trigger = await active({ options: { limit: 2 } });
		const mails = arrive('0', '1');
		poison(
			mails.map(({ message_id }) => message_id),
			hasTexts,
		);
		await trigger.tick();
		arriveMany(2);
		await trigger.ticks(6);
		expect(trigger.subjects).toEqual(['New 0', 'New 1']);
	});
});

it('one that Feishu cannot give keeps none back that wait already', async () => {
	const trigger = await active({ options: { limit: 2 } });
	const subjects = arriveMany(3);
	await trigger.tick();
	const [sick] = arrive('Sick');
	poison([sick!.message_id]);
	await trigger.ticks(2);
	expect(trigger.subjects).toEqual(subjects);
	sandbox.clearFaults();
	await trigger.tick();
	expect(trigger.subjects).toEqual([...subjects, 'Sick']);
});

it.each([1230001, 1230007])('a mail that Feishu refuses alone with %d keeps no other back', async (code) => {
	const trigger = await active();
	const [, sick] = arrive('Before', 'Sick', 'After');
	poison([sick!.message_id], undefined, { status: 400, code, msg: 'invalid' });
	await trigger.ticks(6);
	expect(trigger.subjects).toEqual(['Before', 'After']);
});

it('a success without the mails that were there a moment ago loses none', async () => {
	const trigger = await active();
	arrive('One', 'Two');
	sandbox.fail({ api: GET, on: hasTexts, with: { code: 0, data: { messages: null } } as never });
	await trigger.tick();
	sandbox.clearFaults();
	await trigger.ticks(3);
	expect(trigger.subjects).toEqual(['One', 'Two']);
});

describe('the beginning', () => {
	it('a mail that is dated in the future hides none that comes later', async () => {
		const trigger = published();
		receive({ subject: 'Old' });
		const ahead = receive({ subject: 'Ahead' });
		ahead.internal_date = Date.now() + 30 * 24 * 3_600_000;
		await trigger.activate();
		time.pass(1000);
		arrive('New');
		await trigger.tick();
		expect(trigger.subjects).toEqual(['New']);
	});

	it('nor where Include Moved Mails is switched off', async () => {
		const trigger = await active({ options: { includeMoved: true } });
		const ahead = receive({ subject: 'Ahead' });
		ahead.internal_date = Date.now() + 30 * 24 * 3_600_000;
		await trigger.tick();
		await trigger.change({ parameters: { options: { includeMoved: false } } });
		arrive('New');
		await trigger.ticks(2);
		expect(trigger.subjects).toEqual(['Ahead', 'New']);
	});

	it('an older mail that is moved into a folder of still older ones is none that came in', async () => {
		const folder = addFolder('Archive');
		receive({ subject: 'Oldest', folder_id: folder });
		time.pass(24 * 3_600_000);
		const older = receive({ subject: 'Older' });
		time.pass(24 * 3_600_000);
		const trigger = published({ parameters: { folderId: locate('id', folder) } });
		await trigger.activate();
		time.pass(1000);
		older.folder_id = folder;
		receive({ subject: 'New', folder_id: folder });
		await trigger.ticks(2);
		expect(trigger.subjects).toEqual(['New']);
	});
});
