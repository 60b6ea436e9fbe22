//! Rooms whose people were under other operators, in an engine that is started again and again.

use std::path::Path;

use crate::service::tests::scene::ServiceScene;

/// More than one page has.
const ROOMS: usize = 40;

fn start(folder: &Path, operator: &str) -> ServiceScene {
    ServiceScene::in_folder(folder, &format!("operators = ['{operator}@example.org']"))
}

/// Rooms of ann's, with root in them, who is an operator.
fn furnish(folder: &Path) {
    let mut scene = start(folder, "root");
    for number in 0..ROOMS {
        let room = format!("hall{number:02}");
        scene.open(&room);
        scene.enter_room("root", &room);
        let told = scene.told();
        assert!(told.contains("role='moderator'"), "{told}");
    }
}

/// In how many rooms root is told to be an operator no longer.
fn falls(told: &str) -> usize {
    told.split("<presence ")
        .filter(|presence| presence.contains("code='110'") && presence.contains("'participant'"))
        .count()
}

#[test]
fn a_walk_that_was_interrupted_goes_on_and_tells_nobody_twice() {
    let folder = tempfile::tempdir().unwrap();
    furnish(folder.path());
    let mut scene = start(folder.path(), "zoe");
    assert_eq!(falls(&scene.expire()), 0, "nobody can be told yet");
    scene.engine.link_up(scene.now);
    let before = falls(&scene.expire());
    assert!((1..ROOMS).contains(&before), "{before} in one turn");
    drop(scene);
    let mut scene = start(folder.path(), "zoe");
    scene.engine.link_up(scene.now);
    let after: usize = (0..4).map(|_| falls(&scene.expire())).sum();
    assert_eq!(before + after, ROOMS);
    drop(scene);
    let mut scene = start(folder.path(), "zoe");
    scene.engine.link_up(scene.now);
    assert_eq!(falls(&scene.expire()), 0);
}

#[test]
fn a_room_of_which_something_is_asked_before_the_walk_has_come_is_governed_first() {
    let folder = tempfile::tempdir().unwrap();
    furnish(folder.path());
    let mut scene = start(folder.path(), "zoe");
    let said = "<message from='ANN' to='hall39@rooms.example.org' type='groupchat'>\
        <body>Hi</body></message>";
    let told = scene.answer_to(said);
    assert_eq!(falls(&told), 1, "{told}");
    assert!(told.find("'participant'") < told.find("<body>"), "{told}");
    scene.engine.link_up(scene.now);
    let rest: usize = (0..4).map(|_| falls(&scene.expire())).sum();
    assert_eq!(rest, ROOMS - 1);
}
