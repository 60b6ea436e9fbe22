//! No two rooms of a pool have one name, whatever is committed and whatever is not yet.

use crate::service::tests::scene::{DATABASE, ServiceScene};

/// A form that gives a room a name.
fn name(room: &str, name: &str) -> String {
    set(room, "muc#roomconfig_roomname", name)
}

fn set(room: &str, field: &str, value: &str) -> String {
    format!(
        "<iq from='ANN' to='{room}@rooms.example.org' type='set' id='{room}'><query xmlns='MUC#owner'>\
         <x xmlns='jabber:x:data' type='submit'>\
         <field var='FORM_TYPE'><value>http://jabber.org/protocol/muc#roomconfig</value></field>\
         <field var='{field}'><value>{value}</value></field></x></query></iq>"
    )
}

fn scene(rooms: &[&str]) -> ServiceScene {
    let mut scene = ServiceScene::new("");
    for room in rooms {
        scene.open(room);
    }
    scene
}

/// Whether the answer to a form is conflict.
fn is_taken(told: &str, room: &str) -> bool {
    let answer = told
        .split("<iq ")
        .find(|iq| iq.contains(&format!("id='{room}'")))
        .unwrap();
    answer.contains("<conflict ")
}

#[test]
fn a_name_is_taken_as_soon_as_it_is_given_and_free_as_soon_as_it_is_given_back() {
    let mut scene = scene(&["hall", "den"]);
    // Not committed between the two.
    scene.receive(&name("hall", "Sales floor"));
    scene.receive(&name("den", "SALES  FLOOR"));
    let told = scene.told();
    assert!(!is_taken(&told, "hall") && is_taken(&told, "den"), "{told}");
    // Committed.
    scene.receive(&name("den", "sales floor"));
    assert!(is_taken(&scene.told(), "den"));
    // Given back, not committed between the two.
    scene.receive(&name("hall", "Hall"));
    scene.receive(&name("den", "Sales floor"));
    assert!(!is_taken(&scene.told(), "den"));
    scene.receive(&name("hall", "Sales floor"));
    assert!(is_taken(&scene.told(), "hall"));
    // A room that ends gives its name back, and so does one that has none any more.
    scene.receive(
        "<iq from='ANN' to='den@rooms.example.org' type='set' id='end'>\
         <query xmlns='MUC#owner'><destroy/></query></iq>",
    );
    scene.receive(&name("hall", "Sales floor"));
    assert!(!is_taken(&scene.told(), "hall"));
    scene.receive(&name("hall", ""));
    scene.open("den");
    scene.receive(&name("den", ""));
    assert!(!is_taken(&scene.told(), "den"), "any number have none");
    scene.receive(&name("den", "Sales floor"));
    assert!(!is_taken(&scene.told(), "den"));
}

#[test]
fn a_room_keeps_the_name_that_it_has_in_whatever_spelling() {
    let mut scene = scene(&["hall"]);
    for spelling in ["Hall", "HALL", "Hall"] {
        scene.receive(&name("hall", spelling));
        assert!(!is_taken(&scene.told(), "hall"), "{spelling}");
    }
}

#[test]
fn rooms_of_one_name_from_before_are_kept_and_no_other_is_added() {
    let folder = tempfile::tempdir().unwrap();
    let mut scene = ServiceScene::in_folder(folder.path(), "");
    for room in ["hall", "den", "attic"] {
        scene.open(room);
    }
    drop(scene);
    let database = rusqlite::Connection::open(folder.path().join(DATABASE)).unwrap();
    database
        .execute_batch(
            "UPDATE room SET name = 'Sales' WHERE jid <> 'attic@rooms.example.org';
             UPDATE room SET name_key = NULL;
             DELETE FROM meta WHERE key = 'name keys';",
        )
        .unwrap();
    drop(database);
    let mut scene = ServiceScene::in_folder(folder.path(), "");
    for room in ["hall", "den"] {
        scene.receive(&name(room, "SALES"));
        assert!(!is_taken(&scene.told(), room), "{room} has it");
        scene.receive(&set(room, "muc#roomconfig_roomdesc", "More"));
        assert!(!is_taken(&scene.told(), room));
    }
    scene.receive(&name("attic", "sales"));
    assert!(is_taken(&scene.told(), "attic"));
    scene.receive(&name("den", "Den"));
    scene.told();
    scene.receive(&name("den", "Sales"));
    assert!(is_taken(&scene.told(), "den"), "it has given it back");
}
