//! What an index does not keep: ids of what was taken back, the secret of its authors; and deletions by other names.

use caiu::index::{Added, IndexError, IndexReader, Recorded};
use caiu::model::PostId;
use caiu::normalize::AuthorSecret;

use super::{add_named, commit, reader, writer};
use crate::support::{SMALL_LEXICONS, arg, caiu, corpus, file, folder};

const DID: &str = "at://did:plc:somebody/app.bsky.feed.post/1";

#[test]
fn what_is_taken_back_loses_its_id_and_is_known_again() {
    let folder = folder();
    let mut writer = writer(folder.path());
    let id = PostId::new(DID);
    add_named(&mut writer, DID, None, "whatsapp caiu");
    commit(&mut writer);
    assert!(writer.delete_post(Some("test"), &id).unwrap());
    // Before the commit as behind it, with an engine that knows and one that was opened anew.
    for is_anew in [false, false, true] {
        assert_eq!(add_named(&mut writer, DID, None, "whatsapp caiu de novo"), Recorded::Kept(Added::TakenBack));
        assert!(!writer.delete_post(Some("test"), &id).unwrap());
        commit(&mut writer);
        let left = reader(folder.path()).get(Some("test"), &id).unwrap().unwrap();
        assert!(left.is_deleted() && !left.id.as_str().contains("somebody"), "{}", left.id);
        assert_eq!(reader(folder.path()).status().unwrap().num_deleted, 1);
        if is_anew {
            break;
        }
        drop(writer);
        writer = super::writer(folder.path());
    }
    // In no file of the folder, once the parts that held it are written anew.
    writer.purge().unwrap();
    writer.close().unwrap();
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        assert!(!bytes.windows(8).any(|window| window == b"somebody"));
    }
    let mut writer = super::writer(folder.path());
    assert!(writer.forget_post(Some("test"), &id).unwrap(), "forgotten by its id all the same");
    commit(&mut writer);
    assert_eq!(reader(folder.path()).status().unwrap().num_deleted, 0);
    assert_eq!(add_named(&mut writer, DID, None, "whatsapp caiu"), Recorded::Kept(Added::New));
}

#[test]
fn a_deletion_by_a_servers_own_name_reaches_any_post_of_it() {
    let folder = folder();
    let mut writer = writer(folder.path());
    let name = |number: u32| format!("social.example/{number}");
    for number in 0..400 {
        add_named(&mut writer, &format!("https://a.example/{number}"), Some(&name(number)), "whatsapp caiu");
    }
    commit(&mut writer);
    add_named(&mut writer, "https://a.example/new", Some(&name(400)), "whatsapp caiu");
    // Another server has the post too, and tells of its end by its own name; so does an edit of it.
    let added = add_named(&mut writer, "https://a.example/7", Some("other.example/x"), "whatsapp caiu");
    assert_eq!(added, Recorded::Kept(Added::Unchanged));
    for (number, is_here) in [(3, true), (3, false), (400, true), (400, false), (500, false)] {
        assert_eq!(writer.delete_named(Some("test"), &name(number)).unwrap(), is_here, "{number}");
    }
    assert!(!writer.delete_named(Some("another"), &name(4)).unwrap(), "another platform");
    assert!(!writer.delete_named(Some("test"), "elsewhere.example/4").unwrap(), "another server");
    commit(&mut writer);
    assert_eq!(
        add_named(&mut writer, "https://a.example/9", Some(&name(9)), "telegram caiu"),
        Recorded::Kept(Added::Replaced)
    );
    assert!(writer.delete_named(Some("test"), "other.example/x").unwrap());
    assert!(writer.delete_named(Some("test"), &name(9)).unwrap());
    assert!(!writer.delete_named(Some("test"), &name(7)).unwrap(), "it is gone by its other name");
    commit(&mut writer);
    let reader = reader(folder.path());
    let status = reader.status().unwrap();
    assert_eq!((status.num_posts, status.num_deleted), (397, 4));
    for (number, is_gone) in [(3, true), (7, true), (9, true), (8, false)] {
        let left = reader.get(Some("test"), &PostId::new(format!("https://a.example/{number}"))).unwrap().unwrap();
        assert_eq!(left.is_deleted(), is_gone, "{number}");
    }
    // One that comes late is not kept.
    let late = add_named(&mut writer, "https://a.example/500", Some(&name(500)), "whatsapp caiu");
    assert_eq!(late, Recorded::Kept(Added::TakenBack));
}

#[test]
fn authors_are_hashed_with_one_secret() {
    let folder = folder();
    let (ours, other) = (AuthorSecret::new("ours"), AuthorSecret::new("other"));
    let mut writer = writer(folder.path());
    writer.claim_authors(other).unwrap();
    writer.claim_authors(ours).unwrap();
    add_named(&mut writer, "1", None, "whatsapp caiu");
    commit(&mut writer);
    drop(writer);
    let mut writer = super::writer(folder.path());
    let error = writer.claim_authors(other).unwrap_err();
    assert!(matches!(error, IndexError::OtherAuthorKey { .. }), "{error}");
    assert!(writer.claim_authors(AuthorSecret::new("")).is_err(), "none is another one too");
    writer.claim_authors(ours).unwrap();
    drop(writer);
    let list = std::fs::read_to_string(folder.path().join("meta.json")).unwrap();
    assert!(list.contains("author_key") && !list.contains("ours"), "a fingerprint only");
}

#[test]
fn another_author_key_is_refused_with_a_remedy() {
    let folder = folder();
    let dir = folder.path().join("index");
    let dump = file(folder.path(), "posts.jsonl", corpus());
    let index = |key: &str| {
        let args = ["index", arg(&dump), "--again", "--index", arg(&dir), "--lexicons", SMALL_LEXICONS];
        caiu().args(args).env("CAIU_AUTHOR_KEY", key).output().unwrap()
    };
    assert!(index("one").status.success());
    let refused = index("two");
    let said = String::from_utf8(refused.stderr).unwrap();
    assert_eq!(refused.status.code(), Some(2), "{said}");
    assert!(said.contains("CAIU_AUTHOR_KEY") && said.contains("another folder"), "{said}");
    assert!(index("one").status.success());
    assert!(IndexReader::open(&dir).unwrap().status().unwrap().num_posts > 100);
}
