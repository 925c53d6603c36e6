import { aliasCreate, aliasDelete, aliasList } from './aliases';
import { applicationScopes, applicationVersions } from './application';
import { attachmentDownloadUrl, fileDownload } from './attachments';
import { tenantAccessToken } from './auth';
import { authorize, consent } from './authorize';
import { contactCreate, contactDelete, contactList, contactPatch } from './contacts';
import {
	draftCreate,
	draftDelete,
	draftGet,
	draftList,
	draftSend,
	draftUpdate,
	messageCancelScheduledSend,
} from './drafts';
import { folderCreate, folderDelete, folderGet, folderList, folderPatch } from './folders';
import { labelCreate, labelDelete, labelGet, labelList, labelPatch } from './labels';
import { connectionCount, connectionEndpoint, connectionOpen } from './longConnection';
import { accessibleMailboxes, mailboxProfile, mailboxSendAs } from './mailboxes';
import {
	messageBatchGet,
	messageBatchModify,
	messageBatchTrash,
	messageGet,
	messageList,
	messageModify,
	messageTrash,
} from './messages';
import { oauthToken } from './oauthToken';
import { messageRecall, messageRecallDetail } from './recall';
import { ruleCreate, ruleDelete, ruleList, ruleReorder, ruleUpdate } from './rules';
import { mailboxSearch } from './search';
import { messageSend, messageSendStatus } from './sending';
import { mailboxSignatures } from './signatures';
import { eventSubscribe, eventSubscription, eventUnsubscribe } from './subscriptions';
import {
	templateCreate,
	templateDelete,
	templateDownloadUrl,
	templateGet,
	templateList,
	templateUpdate,
} from './templates';
import {
	threadBatchModify,
	threadBatchTrash,
	threadGet,
	threadList,
	threadModify,
	threadTrash,
} from './threads';
import { userInfo } from './users';

/** Every API that the sandbox knows. */
export const apis = [
	tenantAccessToken,
	authorize,
	consent,
	oauthToken,
	applicationScopes,
	applicationVersions,
	connectionEndpoint,
	connectionOpen,
	connectionCount,
	userInfo,
	mailboxProfile,
	accessibleMailboxes,
	mailboxSendAs,
	mailboxSearch,
	aliasCreate,
	aliasList,
	aliasDelete,
	mailboxSignatures,
	contactCreate,
	contactList,
	contactPatch,
	contactDelete,
	labelCreate,
	labelList,
	labelGet,
	labelPatch,
	labelDelete,
	folderCreate,
	folderList,
	folderGet,
	folderPatch,
	folderDelete,
	// Words come before ids in the same place of a path, which would match them too.
	messageBatchGet,
	messageBatchModify,
	messageBatchTrash,
	messageSend,
	messageList,
	messageGet,
	messageModify,
	messageTrash,
	messageSendStatus,
	messageCancelScheduledSend,
	messageRecall,
	messageRecallDetail,
	draftCreate,
	draftList,
	draftGet,
	draftUpdate,
	draftDelete,
	draftSend,
	ruleReorder,
	ruleCreate,
	ruleList,
	ruleUpdate,
	ruleDelete,
	threadBatchModify,
	threadBatchTrash,
	threadList,
	threadGet,
	threadModify,
	threadTrash,
	templateCreate,
	templateList,
	templateGet,
	templateUpdate,
	templateDelete,
	templateDownloadUrl,
	eventSubscribe,
	eventUnsubscribe,
	eventSubscription,
	attachmentDownloadUrl,
	fileDownload,
] as const;

export type ApiName = (typeof apis)[number]['name'];
