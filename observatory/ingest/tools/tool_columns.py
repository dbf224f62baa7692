"""Columns that KoboToolbox, ODK and Qualtrics add to the answers, by their names in whatever kind of file.

Belongs here: what is known of them in those tools' own exports and in SPSS files that they wrote. Does not belong here:
reading either (kobo_odk.py, qualtrics.py, spss.py), columns that any tool may have (form.py).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from observatory.ingest.tools.form import Role, role_among
from observatory.wording import normalise

# KoboToolbox and ODK

INSTANCE = re.compile(r"^(?:\w+[/.-])?meta([/._-])(?:instanceID|instanceName|rootUuid|deprecatedID)$")
_IDS = ("KEY", "_uuid")
_SUBMITTED = ("SubmissionDate", "_submission_time")
_OWN = frozenset(
    {
        *("start", "end", "today", "starttime", "endtime", "deviceid", "device_id", "devicephonenum", "subscriberid"),
        *("simid", "simserial", "phonenumber", "username", "email", "caseid", "audit", "audit_URL", "instanceID"),
        *("instanceName", "formhub/uuid", "__version__", "_version_", "_version", "_id", "_uuid", "_submission_time"),
        *("_validation_status", "_validation_status_by", "_notes", "_note", "_status", "_submitted_by", "_tags"),
        *("_index", "_parent_table_name", "_parent_index", "_attachments", "_geolocation", "_xform_id_string"),
        *("_xform_id", "_duration", "_last_edited_by", "_date_modified", "_edited", "_total_media", "_media_count"),
        *("_media_all_received", "_review_status", "_review_comment", "_deleted_at", "_bamboo_dataset_id"),
    }
)
"""What these tools write beside the answers. Not all that begins with `_`: Kobo so names questions that begin with a
digit."""

_OF_ODK = frozenset(
    {
        *("PARENT_KEY", "SET-OF-NAME", "SubmitterID", "SubmitterName", "AttachmentsPresent", "AttachmentsExpected"),
        *("Status", "ReviewState", "DeviceID", "Edits", "FormVersion", "formdef_version", "isValidated"),
    }
)
_SUBMISSION_OF_REPEAT = re.compile(r"^_submission_?_\w+$")
_PLACE = ("latitude", "longitude", "altitude", "precision", "accuracy")
_DERIVED = re.compile(rf"^_(.+)_(?:{'|'.join(_PLACE)})$")
_PART_OF_PLACE = re.compile(rf"^(.+)-(?:{'|'.join(_PLACE)})$", re.IGNORECASE)


def kobo_role(name: str, names: Sequence[str]) -> Role | None:
    """The role of a column that these tools add to the answers, among all headings of the file."""
    if name in _IDS:
        return "id" if name == next(one for one in _IDS if one in names) else "other"
    if name in _SUBMITTED:
        return "submitted" if name == next(one for one in _SUBMITTED if one in names) else "other"
    if INSTANCE.match(name):
        known = any(one in names for one in _IDS)
        return "id" if name.endswith("instanceID") and not known else "other"
    if name in _OWN or (name in _OF_ODK and "KEY" in names) or _SUBMISSION_OF_REPEAT.match(name):
        return "other"
    last = name.rpartition("/")[2]
    if (derived := _DERIVED.match(last)) and any(other.endswith(derived[1]) for other in names if other != name):
        return "other"
    if (place := _PART_OF_PLACE.match(name)) and f"{place[1]}-Longitude" in names and f"{place[1]}-Latitude" in names:
        return "other"
    return role_among(last, {})


# Qualtrics

_ROLES: dict[str, Role] = {
    **dict.fromkeys(("responseid", "recordid"), "id"),
    "enddate": "submitted",
    **dict.fromkeys(("userlanguage", "qlanguage"), "language"),
    "finished": "complete",
    "status": "test",
    **dict.fromkeys(
        (
            *("startdate", "recordeddate", "ipaddress", "progress", "duration", "durationinseconds"),
            *("recipientlastname", "recipientfirstname", "recipientemail", "name", "emailaddress"),
            *("externaldatareference", "externalreference", "responseset", "responsesetid", "distributionchannel"),
            *("locationlatitude", "locationlongitude", "locationaccuracy"),
        ),
        "other",
    ),
}
_NO_RESPONDENT = ("preview", "test", "spam", "aperçu", "prévisualisation", "vorschau", "indésirable", "pourriel")
_RESPONDENT = frozenset({"ip address", "adresse ip", "ip-adresse", "imported", "importé", "importiert", "offline"})
_PREVIEW_TEST_SPAM = 1 | 2 | 8
"""Bits of the numeric status; 4 is an imported response, 16 one given offline."""


def qualtrics_role(name: str) -> Role | None:
    """The role of a column that Qualtrics adds to the answers, by its name in any of Qualtrics' formats."""
    return _ROLES.get(squeezed(name))


def is_qualtrics_test(status: str) -> str | None:
    """'true' for the status of a preview, a test or spam, 'false' for a respondent's, None where it is not known."""
    word = normalise(status)
    if word.isdecimal():
        return "true" if int(word) & _PREVIEW_TEST_SPAM else "false"
    if any(sign in word for sign in _NO_RESPONDENT):
        return "true"
    return "false" if word in _RESPONDENT else None


def squeezed(name: str) -> str:
    """A name in the form in which Qualtrics' spellings of it are equal: `ResponseID`, `Response ID`, `response_id`."""
    return re.sub(r"[\W_]+", "", name).casefold()
