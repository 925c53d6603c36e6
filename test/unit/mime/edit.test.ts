/* eslint-disable @n8n/community-nodes/no-restricted-globals -- weighs what is in memory */
import fc from 'fast-check';

import type { Address } from '../../../nodes/FeishuMail/mime/addresses';
import { editMail, type MailChanges } from '../../../nodes/FeishuMail/mime/edit';
import { buildMail, type Mail } from '../../../nodes/FeishuMail/mime/mail';
import {
	address,
	addresses,
	anyMail,
	body,
	expected,
	file,
	headline,
	hostile,
	inlineImages,
	PNG,
} from './anyMail';
import { fieldNames, judged } from './judges';

const source = (...lines: string[]) => Buffer.from(lines.join('\n'), 'latin1');

const textOf = (eml: Buffer) => eml.toString('latin1');

const edited = (mail: Buffer, changes: MailChanges) => textOf(editMail(mail, changes).eml);

/** A mail with line ends and folded fields as most programs write them. */
function asOthersWrite(eml: Buffer): Buffer {
	let inHeader = true;
	const lines = textOf(eml)
		.split('\n')
		.map((line) => {
			const isField = inHeader && line !== '';
			inHeader = line.startsWith('--') ? !line.endsWith('--') : isField;
			return isField ? line.replace(/(?<=: .*) (?=\S)/g, '\r\n ') : line;
		});
	return Buffer.from(lines.join('\r\n'), 'latin1');
}

/** The types of a mail's parts, those within others after these. */
const structure = (eml: Buffer | string) =>
	[...eml.toString('latin1').matchAll(/^Content-Type: ([^;\n]+)/gim)].map(([, type]) => type);

describe('a mail of our own', () => {
	it('is the same byte by byte where nothing is changed, whatever its lines end in', () => {
		fc.assert(
			fc.property(anyMail, (mail) => {
				const eml = buildMail(mail);
				expect(editMail(eml, {}).eml.equals(eml)).toBe(true);
				expect(editMail(asOthersWrite(eml), {}).eml.equals(eml)).toBe(true);
			}),
			{ numRuns: 500 },
		);
	});

	const newImages = inlineImages.map((images) =>
		images.map((image) => ({ ...image, cid: `new-${image.cid}` })),
	);

	/** A change, and the mail that somebody would have built instead. */
	const change: fc.Arbitrary<[MailChanges, (mail: Mail) => Mail]> = fc.oneof(
		fc
			.record({ subject: headline(300) })
			.map((one): [MailChanges, (mail: Mail) => Mail] => [one, (mail) => ({ ...mail, ...one })]),
		...(['to', 'cc', 'bcc', 'replyTo'] as const).map((name) =>
			addresses.map((list): [MailChanges, (mail: Mail) => Mail] => [
				{ [name]: list },
				(mail) => ({ ...mail, [name]: list }),
			]),
		),
		address.map((from): [MailChanges, (mail: Mail) => Mail] => [{ from }, (mail) => ({ ...mail, from })]),
		fc
			.record({ text: body, html: body }, { requiredKeys: [] })
			.map((texts): [MailChanges, (mail: Mail) => Mail] => [
				{ texts },
				(mail) => ({ ...mail, text: undefined, html: undefined, ...texts }),
			]),
		fc
			.array(file, { maxLength: 3 })
			.map((files): [MailChanges, (mail: Mail) => Mail] => [
				{ attachments: files },
				(mail) => ({ ...mail, attachments: [...(mail.attachments ?? []), ...files] }),
			]),
		newImages.map((images): [MailChanges, (mail: Mail) => Mail] => [
			{ texts: { html: 'new' }, inlineImages: images },
			(mail) => ({
				...mail,
				text: undefined,
				html: 'new',
				inlineImages: [...(mail.inlineImages ?? []), ...images],
			}),
		]),
	);

	it('is what it would be had it been written so, in 1,000 changes', async () => {
		await fc.assert(
			fc.asyncProperty(anyMail, change, async (mail, [changes, changed]) => {
				const { eml } = editMail(asOthersWrite(buildMail(mail)), changes);
				const { mailparser, postalMime } = await judged(eml);
				expect(mailparser).toEqual(expected(changed(mail)));
				expect(postalMime).toEqual(expected(changed(mail)));
				expect(textOf(eml)).not.toMatch(/\r|\n[ \t]/);
			}),
			{ numRuns: 1_000 },
		);
	}, 120_000);

	it('is what it would be had it been written so after change upon change', async () => {
		await fc.assert(
			fc.asyncProperty(anyMail, fc.array(change, { maxLength: 5 }), async (mail, changes) => {
				let eml = buildMail(mail);
				let wanted = mail;
				for (const [one, changed] of changes) {
					eml = editMail(eml, one).eml;
					wanted = changed(wanted);
				}
				const { mailparser, postalMime } = await judged(eml);
				const files = (all: Array<{ filename: string; content: string }>) =>
					all.map(({ filename, content }) => `${filename} ${content}`).sort();
				for (const read of [mailparser, postalMime]) {
					expect({ ...read, files: [] }).toEqual({ ...expected(wanted), files: [] });
					expect(new Set(files(read.files))).toEqual(new Set(files(expected(wanted).files)));
				}
			}),
			{ numRuns: 300 },
		);
	}, 120_000);

	it('gets no field, part or recipient by a hostile value in 1,000 changes', async () => {
		const eml = buildMail({
			from: { mail_address: 'ann@example.com' },
			to: [{ mail_address: 'bob@example.com' }],
			subject: 'Plan',
			date: new Date(0),
			messageId: '<1@n8n>',
			html: '<img src="cid:logo">',
			inlineImages: [{ filename: 'logo.png', content: PNG, cid: 'logo' }],
		});
		await fc.assert(
			fc.asyncProperty(hostile, async (text) => {
				const from: Address = { mail_address: 'eve@example.com', name: text };
				const result = editMail(eml, {
					from,
					cc: [from],
					subject: `x${text}`,
					readReceipt: true,
					texts: { text, html: text },
					attachments: [{ filename: text, content: Buffer.from(text) }],
					inlineImages: [{ filename: text, content: PNG, cid: `x${text}` }],
				});
				const content = (...more: string[]) => ['Content-Type', ...more, 'Content-Transfer-Encoding'];
				expect(fieldNames(result.eml)).toEqual([
					...['Subject', 'From', 'MIME-Version', 'Date', 'Message-ID', 'To', 'Cc'],
					...['Disposition-Notification-To', 'Content-Type', 'Content-Type', 'Content-Type'],
					...[...content(), ...content()],
					...content('Content-Disposition', 'Content-Id', 'X-Attachment-Id', 'X-Image-Id'),
					...content('Content-Disposition'),
				]);
				const { mailparser, postalMime } = await judged(result.eml);
				for (const read of [mailparser, postalMime]) {
					expect(read.to.map((one) => one.address)).toEqual(['bob@example.com']);
					expect(read.bcc).toEqual([]);
				}
			}),
			{ numRuns: 1_000 },
		);
	}, 120_000);
});

/** Mails as other programs write them. */
const samples: Record<string, Buffer> = {
	'of Outlook': source(
		'Received: from a (1.2.3.4)\r',
		'\tby b; Tue, 24 Nov 2026 09:00:00 +0000\r',
		'From: "M=FCller, J=F6rg" <joerg@example.com>\r',
		'To: "Doe, Jane" <jane@example.com>,\r',
		'\tBob <bob@example.org>\r',
		'Subject: =?iso-8859-1?Q?Gr=FC=DFe_aus?=\r',
		' =?iso-8859-1?Q?_K=F6ln?=\r',
		'Thread-Index: AdqX\r',
		'X-Priority: 1\r',
		'Importance: high\r',
		'In-Reply-To: <1@example.org>\r',
		'X-LMS-Reply-To-Message-Id: tfuh9N4WnzU6jdDw=\r',
		'Content-Type: multipart/mixed;\r',
		'\tboundary="----=_Next (1)"\r',
		'MIME-Version: 1.0\r',
		'\r',
		'This is a multipart message in MIME format.\r',
		'\r',
		'------=_Next (1)\r',
		'Content-Type: multipart/related; type="multipart/alternative";\r',
		'\tboundary="----=_Next (1)2"\r',
		'\r',
		'------=_Next (1)2\r',
		'Content-Type: multipart/alternative;\r',
		'\tboundary="----=_Next (1)3"\r',
		'\r',
		'------=_Next (1)3\r',
		'Content-Type: text/plain;\r',
		'\tcharset="iso-8859-1"\r',
		'Content-Transfer-Encoding: quoted-printable\r',
		'\r',
		'Gr=FC=DFe =\r',
		'aus K=F6ln\r',
		'------=_Next (1)3\r',
		'Content-Type: text/html;\r',
		'\tcharset="iso-8859-1"\r',
		'Content-Transfer-Encoding: quoted-printable\r',
		'Content-ID: <body@example.com>\r',
		'\r',
		'<p>Gr=FC=DFe <img src=3D"cid:image001.png@01=\r',
		'D9.A1"></p>\r',
		'------=_Next (1)3--\r',
		'\r',
		'------=_Next (1)2\r',
		'Content-Type: image/png; name="image001.png"\r',
		'Content-Transfer-Encoding: base64\r',
		'Content-ID: <image001.png@01D9.A1>\r',
		'\r',
		'iVBORw0KGgo=\r',
		'\r',
		'------=_Next (1)2--\r',
		'\r',
		'------=_Next (1)\r',
		'Content-Type: application/pdf; name="a.pdf"\r',
		'Content-Disposition: attachment; filename="a.pdf"\r',
		'Content-Transfer-Encoding: base64\r',
		'\r',
		'JVBERi0xLjQ=\r',
		'------=_Next (1)--\r',
		'\r',
		'The end.\r',
		'',
	),
	'of Apple Mail': source(
		'From: ann@example.com',
		'Subject: Logo',
		'Content-Type: multipart/alternative; boundary=Apple-Mail-1',
		'',
		'--Apple-Mail-1',
		'Content-Type: text/plain; charset=us-ascii',
		'',
		'Hello',
		'--Apple-Mail-1',
		'Content-Type: multipart/related; boundary=Apple-Mail-2',
		'',
		'--Apple-Mail-2',
		'Content-Type: text/html; charset=us-ascii',
		'',
		'Hello <img src="cid:1@apple">',
		'--Apple-Mail-2',
		'Content-Disposition: inline; filename=logo.png',
		'Content-Type: image/png',
		'Content-Id: <1@apple>',
		'Content-Transfer-Encoding: base64',
		'',
		'iVBORw0KGgo=',
		'--Apple-Mail-2--',
		'--Apple-Mail-1--',
	),
	'in Chinese, of a text alone': source(
		'From: =?gb18030?B?1cXI/Q==?= <zhang@example.com>',
		'Subject: =?gb18030?B?vMa7rg==?=',
		'Content-Type: text/plain; charset=gb18030',
		'Content-Transfer-Encoding: base64',
		'',
		'xOO6ww==',
		'',
	),
	'with bytes beyond ASCII in its header': source(
		'From: ann@example.com',
		`Subject: ${Buffer.from('计划').toString('latin1')}`,
		'X-Note: caf\xe9',
		'',
		'Text',
	),
	'of the eighties': source('From: ann@example.com', 'To: bob@example.com', '', 'Hello', '', 'Bye', ''),
	'that is a file': source(
		'From: ann@example.com',
		'Subject: File',
		'Content-Type: application/pdf',
		'Content-Disposition: attachment; filename=a.pdf',
		'Content-Transfer-Encoding: base64',
		'',
		'JVBERi0xLjQ=',
	),
	'with a mail in it': source(
		'From: ann@example.com',
		'Content-Type: multipart/mixed; boundary="a"',
		'',
		'--a',
		'',
		'See below',
		'--a',
		'Content-Type: message/rfc822',
		'Content-Disposition: attachment; filename=b.eml',
		'',
		'Subject: Inner',
		'Content-Type: multipart/mixed; boundary="ab"',
		'',
		'--ab',
		'',
		'Inner text',
		'--ab--',
		'--a--',
		'',
	),
	'that was cut off': source(
		'From: ann@example.com',
		'Content-Type: multipart/mixed; boundary=a',
		'',
		'--a',
		'Content-Type: text/html',
		'',
		'<p>Hello</p>',
	),
};

describe.each(Object.entries(samples))('a mail %s', (_, sample) => {
	it('is read as before where nothing is changed, in LF lines that are not folded', async () => {
		const { eml } = editMail(sample, {});
		expect(await judged(eml)).toEqual(await judged(sample));
		expect(textOf(eml)).not.toContain('\r');
		expect(textOf(eml)).not.toMatch(/^(?:(?!\n\n)[^])*\n[ \t]/);
	});

	it('keeps all but its subject', async () => {
		const { eml } = editMail(sample, { subject: '新 plan' });
		const before = await judged(sample);
		const after = await judged(eml);
		for (const judge of ['mailparser', 'postalMime'] as const) {
			expect(after[judge]).toEqual({ ...before[judge], subject: '新 plan' });
		}
		const others = (text: string) => text.split('\n').filter((line) => !line.startsWith('Subject'));
		expect(others(textOf(eml))).toEqual(others(edited(sample, {})));
	});

	it('keeps all else with another text and a further file', async () => {
		const { eml } = editMail(sample, {
			texts: { text: 'New' },
			attachments: [{ filename: 'b.txt', content: Buffer.from('b') }],
		});
		const { mailparser: before } = await judged(sample);
		const { mailparser, postalMime } = await judged(eml);
		const kept = before.files.filter(({ cid }) => cid === undefined);
		const file = { filename: 'b.txt', content: Buffer.from('b').toString('hex') };
		expect(mailparser).toEqual({ ...before, text: 'New', html: undefined, files: [...kept, file] });
		expect(postalMime).toMatchObject({ text: 'New', html: undefined });
		expect(postalMime.files).toHaveLength(kept.length + 1);
	});

	it('keeps all else with HTML, an image in it and a text', async () => {
		const image = { filename: 'new.png', content: PNG, cid: 'new' };
		const { eml, html, cids } = editMail(sample, {
			texts: { html: '<img src="cid:new">', text: 'New' },
			inlineImages: [image],
		});
		const { mailparser: before } = await judged(sample);
		const { mailparser } = await judged(eml);
		expect(mailparser).toMatchObject({ html: '<img src="cid:new">', text: 'New', from: before.from });
		expect(mailparser.files.filter(({ cid }) => cid !== undefined)).toEqual([
			{ filename: 'new.png', content: PNG.toString('hex'), cid: 'new' },
		]);
		expect(html).toBe('<img src="cid:new">');
		expect(cids).toContain('new');
	});
});

describe('what is not changed stays byte by byte', () => {
	it('the parts, their encodings, and what stands around them', () => {
		const before = textOf(samples['of Outlook']!).replace(/\r\n\t?/g, (end) => (end === '\r\n' ? '\n' : ' '));
		const after = edited(samples['of Outlook']!, { to: [{ mail_address: 'a@x.com' }] });
		expect(after).toBe(
			before.replace(/^To: .*$/m, 'To: <a@x.com>').replace('Gr=FC=DFe_aus?=\n =?', 'Gr=FC=DFe_aus?= =?'),
		);
	});

	it('bytes of a binary part', () => {
		const head = 'Content-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\n\r\nHi\r\n--a\r\n';
		const binary = `${head}Content-Transfer-Encoding: binary\r\n\r\n\x00\r\n\xff\r\r\n\r\n--a--\r\n`;
		const after = edited(Buffer.from(binary, 'latin1'), { subject: 'x' });
		expect(after).toContain('\n\n\x00\r\n\xff\r\r\n\r\n--a--\n');
		expect(after).toContain('--a\n\nHi\n--a\n');
	});

	it('texts in which a boundary stands within a line, or with more behind it', () => {
		const text = 'see --a\n --a\n--ab\n--a -\n--a--x';
		const mail = source('Content-Type: multipart/mixed; boundary=a', '', '--a', '', text, '--a--', '');
		expect(edited(mail, {})).toBe(textOf(mail));
		expect(edited(mail, { attachments: [{ filename: 'b', content: Buffer.from('b') }] })).toContain(
			`${text}\n--a\nContent-Type: application/octet-stream`,
		);
	});

	it('fields of a name that only begins like one that is changed', () => {
		const mail = source('To: a@x.com', 'To-Do: b', 'X-To: c', 'TO : d@x.com', '', '');
		expect(edited(mail, { to: [] })).toBe('To-Do: b\nX-To: c\n\n');
		expect(edited(mail, { to: [{ mail_address: 'e@x.com' }] })).toBe('To: <e@x.com>\nTo-Do: b\nX-To: c\n\n');
	});
});

describe('texts', () => {
	const alternative = ['multipart/alternative', 'text/plain', 'text/html'];

	it.each<[string, MailChanges['texts'], string[]]>([
		[
			'of Outlook',
			{ html: 'x<img src="cid:image001.png@01D9.A1">' },
			['multipart/mixed', 'multipart/related', 'text/html', 'image/png', 'application/pdf'],
		],
		['of Outlook', { html: 'x' }, ['multipart/mixed', 'text/html', 'application/pdf']],
		['of Outlook', { text: 'x' }, ['multipart/mixed', 'text/plain', 'application/pdf']],
		[
			'of Outlook',
			{ text: 'x', html: 'y' },
			['multipart/mixed', 'multipart/alternative', 'text/plain', 'text/html', 'application/pdf'],
		],
		['of Apple Mail', { text: 'x' }, ['text/plain']],
		['of Apple Mail', { html: 'x' }, ['text/html']],
		['of Apple Mail', { html: '<img src="cid:1@apple">' }, ['multipart/related', 'text/html', 'image/png']],
		['in Chinese, of a text alone', { html: 'x' }, ['text/html']],
		['in Chinese, of a text alone', { text: 'x', html: 'y' }, alternative],
		['of the eighties', { html: 'x' }, ['text/html']],
		['that is a file', { text: 'x' }, ['multipart/mixed', 'text/plain', 'application/pdf']],
	])('of a mail %s become %j, without layers for nothing', (name, texts, parts) => {
		expect(structure(editMail(samples[name]!, { texts }).eml)).toEqual(parts);
	});

	it('take away texts between files, and no text that is a file', async () => {
		const part = (...lines: string[]) => ['--a', ...lines];
		const mail = source(
			'Content-Type: multipart/mixed; boundary=a',
			'',
			...part('', 'one'),
			...part('Content-Type: text/plain; name=notes.txt', '', 'notes'),
			...part('Content-Type: text/plain', 'Content-Disposition: attachment', '', 'attached'),
			...part('Content-Type: text/plain', 'Content-Disposition: inline', '', 'two'),
			'--a--',
		);
		const { eml } = editMail(mail, { texts: { html: 'x' } });
		expect(structure(eml)).toEqual(['multipart/mixed', 'text/html', 'text/plain', 'text/plain']);
		expect(textOf(eml)).not.toMatch(/one|two/);
		expect(textOf(eml)).toMatch(/\nnotes\n[^]*\nattached\n/);
	});

	it('leave an invitation where it is', () => {
		const mail = source(
			'Content-Type: multipart/alternative; boundary=a',
			...['', '--a', '', 'Text', '--a', 'Content-Type: text/html', '', '<p>'],
			...['--a', 'Content-Type: text/calendar', '', 'BEGIN:VCALENDAR', '--a--'],
		);
		expect(structure(editMail(mail, { texts: { html: 'x' } }).eml)).toEqual([
			'multipart/alternative',
			'text/html',
			'text/calendar',
		]);
	});

	it('keep the Content-ID of the HTML that they replace', () => {
		const after = edited(samples['of Outlook']!, { texts: { html: 'x' } });
		expect(after).toContain(
			'Content-ID: <body@example.com>\nContent-Type: text/html; charset=UTF-8\nContent-Transfer-Encoding: base64\n\neA==\n',
		);
		expect(after.match(/Content-Transfer-Encoding: quoted-printable/g)).toBeNull();
	});
});

describe('an image', () => {
	const image = (cid: string) => ({ filename: 'new.png', content: PNG, cid });

	it('takes the place of the one with the same Content-ID', async () => {
		const { eml, cids } = editMail(samples['of Outlook']!, { inlineImages: [image('image001.png@01D9.A1')] });
		expect((await judged(eml)).mailparser.files.map(({ filename }) => filename)).toEqual([
			'new.png',
			'a.pdf',
		]);
		expect(cids).toEqual(['body@example.com', 'image001.png@01D9.A1']);
	});

	it('does not take the place of HTML with the same Content-ID', async () => {
		const { eml } = editMail(samples['of Outlook']!, { inlineImages: [image('body@example.com')] });
		expect((await judged(eml)).mailparser.html).toContain('Gr');
	});

	it.each([
		[
			'of Outlook',
			['multipart/mixed', 'multipart/related', 'multipart/alternative', 'text/plain', 'text/html'],
			['image/png', 'image/png', 'application/pdf'],
		],
		[
			'of Apple Mail',
			['multipart/alternative', 'text/plain', 'multipart/related', 'text/html'],
			['image/png', 'image/png'],
		],
		['that was cut off', ['multipart/mixed', 'multipart/related', 'text/html'], ['image/png']],
	])('comes to the HTML of a mail %s', (name, layers, files) => {
		expect(structure(editMail(samples[name]!, { inlineImages: [image('new')] }).eml)).toEqual([
			...layers,
			...files,
		]);
	});

	it('stands around both texts where there was none', () => {
		const mail = source(
			'From: ann@example.com',
			'Content-Type: multipart/alternative; boundary=a',
			...['', '--a', '', 'Text', '--a', 'Content-Type: text/html', '', '<p>', '--a--'],
		);
		const after = edited(mail, { inlineImages: [image('new')] });
		expect(structure(after)).toEqual([
			...['multipart/related', 'multipart/alternative', 'text/html', 'image/png'],
		]);
		expect(after).toMatch(
			/^From: ann@example.com\nMIME-Version: 1.0\nContent-Type: multipart\/related;.*\n\n/,
		);
	});

	it.each([
		['Content-Transfer-Encoding: quoted-printable', '<img =\nsrc=3D"cid:a=\n@b">', '<img src="cid:a@b">'],
		['Content-Transfer-Encoding: BASE64', 'PGltZyBzcmM9ImNpZDphQGIi\nPg==', '<img src="cid:a@b">'],
		['Content-Transfer-Encoding: 8bit', '<img src="cid:a@b">\xe9', '<img src="cid:a@b">\xe9'],
	])('is looked for in the HTML there is: %s', (encoding, content, html) => {
		const mail = source('Content-Type: Text/HTML', encoding, '', content);
		expect(editMail(mail, { subject: 'x' })).toMatchObject({ html, cids: [] });
	});

	it('is not any part that has no Content-ID, where the HTML refers to an empty one', () => {
		const mail = source(
			'Content-Type: multipart/mixed; boundary=a',
			...['', '--a', 'Content-Type: text/html', '', '<img src="cid:">'],
			...['--a', 'Content-Type: application/pdf', '', '%PDF', '--a--'],
		);
		expect(structure(edited(mail, { texts: { html: 'x' } }))).toEqual([
			...['multipart/mixed', 'text/html', 'application/pdf'],
		]);
	});

	it('that is attached as a file stays, even where the HTML had shown it', () => {
		const mail = textOf(samples['of Apple Mail']!).replace('inline;', 'attachment;');
		expect(structure(edited(Buffer.from(mail), { texts: { html: 'x' } }))).toEqual([
			...['multipart/related', 'text/html', 'image/png'],
		]);
	});
});

describe('fields', () => {
	const outlook = samples['of Outlook']!;

	it.each<[string, MailChanges, RegExp[], RegExp[]]>([
		['importance', { importance: 'high' }, [/^X-Cli-Priority: 1$/m], [/^X-Priority|^Importance/m]],
		['no importance', { importance: 'normal' }, [], [/Priority|Importance/]],
		[
			'a receipt to the sender as it stands',
			{ readReceipt: true },
			[/^Disposition-Notification-To: "M=FCller, J=F6rg" <joerg@example.com>$/m],
			[],
		],
		[
			'a receipt to a new sender',
			{ readReceipt: true, from: { mail_address: 'a@x.com', name: '张' } },
			[
				/^Disposition-Notification-To: =\?UTF-8\?B\?5byg\?= <a@x.com>$/m,
				/^From: =\?UTF-8\?B\?5byg\?= <a@x.com>$/m,
			],
			[],
		],
		['no subject', { subject: '' }, [], [/^Subject/m]],
		[
			'a conversation that goes on',
			{ subject: 'x', texts: { text: 'x' } },
			[
				/^In-Reply-To: <1@example.org>$/m,
				/^X-LMS-Reply-To-Message-Id: tfuh9N4WnzU6jdDw=$/m,
				/^Thread-Index: /m,
			],
			[],
		],
	])('%s', (_, changes, there, gone) => {
		const after = edited(outlook, changes);
		for (const field of there) expect(after).toMatch(field);
		for (const field of gone) expect(after).not.toMatch(field);
	});

	it('no receipt any more', () => {
		const mail = source('From: a@x.com', 'Disposition-Notification-To: a@x.com', '', '');
		expect(edited(mail, { readReceipt: false })).toBe('From: a@x.com\n\n');
		expect(edited(mail, { subject: 'x' })).toContain('Disposition-Notification-To: a@x.com');
	});

	const inBase64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64');

	it('large files go back as Feishu takes them', () => {
		const read = inBase64([
			{ file_key: 'k1', file_name: '报告.pdf', file_size: 1 },
			{ file_key: 'k2', file_name: 'b', file_size: 2 },
		]);
		const mail = source(
			`X-Lark-Large-Attachment: ${read}`,
			`X-Lms-Large-Attachment-Ids: ${inBase64([{ id: 'k2' }, { id: 'k3' }])}`,
			'',
			'',
		);
		expect(edited(mail, {})).toBe(
			`X-Lms-Large-Attachment-Ids: ${inBase64([{ id: 'k2' }, { id: 'k3' }, { id: 'k1' }])}\n\n`,
		);
	});

	it.each(['', '!', inBase64('x'), inBase64([null])])('large files that cannot be read stay: %j', (value) => {
		const mail = source(`X-Lark-Large-Attachment: ${value}`, '', '');
		expect(edited(mail, {})).toContain('X-Lark-Large-Attachment:');
	});
});

it('boundaries are the same each time, and others where the mail has them already', () => {
	const changes: MailChanges = { attachments: [{ filename: 'a', content: Buffer.from('a') }] };
	const idIn = (eml: string) => /boundary=mixed-(\w{16})\n/.exec(eml)![1]!;
	const mail = (id: string) => source('From: a@x.com', '', 'x'.repeat(10_000), id);
	const id = idIn(edited(mail('0'.repeat(16)), changes));
	expect(idIn(edited(mail('1'.repeat(16)), changes))).toBe(id);
	expect(idIn(edited(mail(id), changes))).not.toBe(id);
});

it('a mail of a thousand layers, and one of blanks, are changed in no time', () => {
	const layers = Array.from({ length: 1_000 }, (_, index) => `b${index}`);
	const open = layers.map((name) => `Content-Type: multipart/mixed; boundary=${name}\n\n--${name}\n`);
	const close = [...layers].reverse().map((name) => `--${name}--\n`);
	const deep = Buffer.from([...open, '\nText\n', ...close].join(''));
	const blanks = source(
		`Content-Type: text/html${' ;'.repeat(50_000)}`,
		'Content-Transfer-Encoding: quoted-printable',
		'',
		`${' '.repeat(200_000)}${'=\t'.repeat(50_000)}`,
	);
	const start = performance.now();
	for (const mail of [deep, blanks]) {
		expect(editMail(mail, {}).eml.equals(mail)).toBe(true);
		editMail(mail, { texts: { html: 'x' } });
	}
	expect(performance.now() - start).toBeLessThan(3_000);
});

it('a mail of 20 MB is changed without much more than itself in memory', () => {
	const eml = buildMail({
		from: { mail_address: 'ann@example.com' },
		subject: 'Plan',
		date: new Date(0),
		messageId: '<1@n8n>',
		text: 'a',
		attachments: [{ filename: 'a', content: Buffer.alloc(15_000_000) }],
	});
	const before = process.memoryUsage().arrayBuffers;
	const after = editMail(eml, { subject: 'x', texts: { html: 'b' } }).eml;
	expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1.5 * after.length);
});
