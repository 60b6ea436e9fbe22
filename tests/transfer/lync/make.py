#!/usr/bin/env python3
"""Makes the exports of a Persistent Chat pool that lie beside this file, in both forms.

Nothing here is from a real database. Tables, columns, types and numbers are those that Microsoft
publishes of Lync Server 2013 and Skype for Business Server 2015; what is not published (the inner
form of stories, links and files) is made up, and is here to be kept as it is. People, rooms and
words are made up too.

    tests/transfer/lync/make.py

writes json-lines/ (form A: bcp -w, UTF-16 with a mark, CR LF) and hex/ (form B: bcp -c).
"""

import json
import os

HERE = os.path.dirname(os.path.abspath(__file__))
TICKS = 635000000000000000  # 2013-03-27T16:53:20Z
SECOND = 10_000_000


class Text(str):
    """An nvarchar: in form B the hex of its UTF-16."""


def guid(number):
    return f"{number:08X}-8B86-4011-B42D-00C04FC964FF"


def principal(number, kind, uri, name, display, path=None, disabled=0):
    return {
        "prinID": number,
        "prinGuid": guid(0xA0000000 + number),
        "prinTypeID": kind,
        "prinUri": Text(uri),
        "prinName": name and Text(name),
        "prinDisplayName": display and Text(display),
        "prinADPath": path and Text(path),
        "prinDisabled": disabled,
    }


def user(number, uri, display, disabled=0):
    path = f"CN={display},OU=Staff,DC=contoso,DC=com"
    return principal(number, 5, uri, display, display, path, disabled)


def group(number, kind, name, path):
    return principal(number, kind, f"ma-grp:{guid(0xA0000000 + number).lower()}@u.g", name, None, path)


PRINCIPALS = [
    principal(1, 4, "ma-grp:system@u.g", "Persistent Chat Server", None),
    user(5, "sip:Ann.Archer@contoso.com", "Ann Archer"),
    user(6, "sip:bob@contoso.com", "Bob Böhm"),
    # An address with what a JID has not.
    user(7, "sip:o'neil@contoso.com", "Cy O'Neil"),
    # Of a domain that nobody maps.
    user(8, "sip:dee@fabrikam.com", "Dee Dorn"),
    # Left the company; the address passed to the next.
    user(9, "sip:eve@contoso.com", "Eve Early", 2),
    user(10, "sip:eve@contoso.com", "Eve Evans"),
    # Without any name.
    principal(11, 5, "sip:nameless@contoso.com", None, " "),
    group(20, 9, "Traders", "CN=Traders,OU=Groups,DC=contoso,DC=com"),
    group(21, 10, "Interns", "OU=Interns,DC=contoso,DC=com"),
    group(22, 8, "CONTOSO", "DC=contoso,DC=com"),
    group(23, 9, "Board", "CN=Board,OU=Groups,DC=contoso,DC=com"),
]


def node(number, kind, parent, name, desc="", **more):
    row = {
        "nodeID": number,
        "nodeGuid": guid(number),
        "parentID": parent,
        "nodeType": bool(kind),
        "nodeName": Text(name),
        "nodeDesc": Text(desc),
        "invite": True if kind else None,
        "logged": True if kind else None,
        "filePost": True if kind else None,
        "disabled": False,
        "behavior": 4,
        "visibility": 6,
        "siopID": None,
        "nodeAddedBy": 5,
        "nodeAddedOn": TICKS,
    }
    row.update(more)
    return row


TICKER = guid(0xB0000001)
NODES = [
    node(1, 1, 1, "root", nodeAddedBy=1),
    node(10, 1, 1, "Trading", "Who trades", filePost=False),
    node(11, 1, 1, "Everyone", logged=False),
    node(100, 0, 11, "Kitchen & Tea", "Für alle"),
    node(101, 0, 10, "Rates / EMEA", visibility=3, siopID=TICKER, invite=False),
    node(102, 0, 10, "Board talk", visibility=2),
    node(103, 0, 11, "Town hall", behavior=5, visibility=3),
    node(104, 0, 11, "Old floor", disabled=True),
    # The same but for what no address has.
    node(105, 0, 11, "Kitchen, tea"),
    # Numbers that are not documented, and a category that is not there.
    node(106, 0, 99, "Stray", behavior=7),
    # An add-in that is not there.
    node(107, 0, 11, "Odd", visibility=9, siopID=guid(0xB0000009)),
]

MEMBER, MANAGER, VOICED, CREATOR = 3984, 12276 | 128, 1 << 12 | 1 << 8, 1 << 4


def role(where, who, what, permissions):
    return {
        "prinRoleNodeID": where,
        "prinRolePrinID": who,
        "rtypeDesc": Text(what),
        "rtypeAllowedPermSet": permissions,
    }


ROLES = [
    role(10, 20, "Creator", CREATOR),
    role(11, 5, "Creator", CREATOR),
    role(101, 5, "Manager", MANAGER),
    role(101, 5, "Member", MEMBER),
    role(101, 20, "Member", MEMBER),
    role(101, 8, "Member", MEMBER),
    # By its permissions alone.
    role(102, 6, "Mitglied", MEMBER),
    role(102, 5, "Manager", MANAGER),
    role(102, 9, "Member", MEMBER),
    role(103, 5, "Manager", MANAGER),
    role(103, 22, "Member", MEMBER),
    role(103, 6, "Voiced", VOICED),
    role(103, 7, "Voiced", VOICED),
    role(105, 5, "Guest", 0),
    # Where such a role should not be.
    role(11, 6, "Member", MEMBER),
]
SCOPES = [
    {"scopeNodeID": 10, "scopePrinID": who, "scopeIsDenied": denied}
    for who, denied in [(20, False), (5, False), (7, False), (21, True), (8, True)]
] + [
    {"scopeNodeID": 11, "scopePrinID": 22, "scopeIsDenied": False},
]
ADDINS = [
    {"siopID": TICKER, "siopName": Text("Ticker"), "siopUrl": Text("https://apps.contoso.com/ticker?room=1")},
]
ENUMS = [
    {"valueID": number, "attributeName": Text(of), "attributeValue": Text(word)}
    for number, of, word in [
        (2, "Visibility", "private"),
        (3, "Visibility", "scope"),
        (4, "Behavior", "normal"),
        (5, "Behavior", "auditorium"),
        (6, "Visibility", "open"),
    ]
]
AFFILIATIONS = [
    {"affiliationID": group, "principalID": person}
    for group, person in [(20, 5), (20, 6), (21, 7), (22, 5), (22, 6), (22, 8), (23, 5)]
]


def chat(room, number, seconds, who, content, alert=False, rtf=None):
    return {
        "channelId": room,
        "chatId": number,
        "chatDate": TICKS + int(seconds * SECOND),
        "userId": who,
        "isAlert": alert,
        "content": Text(content),
        "rtf": rtf,
    }


RATES = guid(101).lower()
CHAT = [
    chat(100, 1, 1.0000001, 5, "Line one\r\nLine two / <b>not markup</b> & so on 😀"),
    chat(100, 2, 2, 6, "Fire!", alert=True, rtf="{\\rtf1 Fire!}"),
    chat(100, 3, 3, 7, "[STORY] The lift\r\n\r\nIt is broken.\nTake the stairs."),
    chat(100, 4, 4, 8, "[STORY] is what they write"),
    chat(100, 5, 5, 9, f'see <a href="http://contoso.com/?a=1&amp;b=2">this</a> and ma-chan://contoso.com/{RATES}'),
    chat(100, 6, 6, 10, "ma-filelink://contoso.com/123 plan.doc (10 kilobytes)"),
    # A gap, where something was removed, and a step back in time.
    chat(100, 9, 5.5, 11, "half a pair: \ud83d, and \u0000\u000b\ufffe"),
    chat(100, 10, 7, 77, "This message was replaced by the Persistent Chat administrator."),
    chat(101, 1, 10, 5, "EURUSD 1.0873"),
    chat(101, 2, 11.9999999, 6, "<a href=broken"),
    chat(102, 1, 12, 6, "between us"),
    chat(999, 1, 13, 5, "in a room that is not there"),
]
COUNTS = [
    {"channelId": room, "messages": count} for room, count in [(100, 8), (101, 3), (102, 1), (999, 1)]
]

TABLES = {
    "nodes": NODES,
    "principals": PRINCIPALS,
    "roles": ROLES,
    "scopes": SCOPES,
    "addins": ADDINS,
    "enums": ENUMS,
    "affiliations": AFFILIATIONS,
    "chat": CHAT,
    "counts": COUNTS,
}


def as_json(row):
    """As FOR JSON has it: a slash is escaped, and half a pair passes as it is."""
    text = json.dumps(row, ensure_ascii=False, separators=(",", ":"))
    return text.replace("/", "\\/")


def as_field(value):
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, Text):
        return "x" + value.encode("utf-16-le", "surrogatepass").hex().upper()
    if isinstance(value, str) and value.startswith("{"):
        return "x" + value.encode("cp1252").hex().upper()
    return str(value)


def main():
    for name, rows in TABLES.items():
        os.makedirs(f"{HERE}/json-lines", exist_ok=True)
        os.makedirs(f"{HERE}/hex", exist_ok=True)
        text = "\ufeff" + "".join(as_json(row) + "\r\n" for row in rows)
        with open(f"{HERE}/json-lines/{name}.jsonl", "wb") as file:
            file.write(text.encode("utf-16-le", "surrogatepass"))
        with open(f"{HERE}/hex/{name}.tsv", "w", newline="") as file:
            for row in rows:
                file.write("\t".join(as_field(value) for value in row.values()) + "\r\n")


main()
