//! Temporary.
struct V;
impl book::Values for V { fn value(&self,_:&str,_:&labs::settings::Settings,_:&str)->Result<f64,String>{Ok(20.8333)} }
fn main() {
    let dir = std::env::args().nth(1).unwrap();
    match book::load(dir.as_ref(), &V) {
        Err(cs) => for c in cs { println!("{c}") },
        Ok(b) => { println!("unused {:?}", b.unused_references); for c in &b.chapters { for e in &c.editions {
            println!("<!-- {} {} words {} -->", e.title, e.question, e.words);
            for bl in &e.blocks { match bl { book::Block::Html(h) => println!("{h}"), book::Block::Lab(l) => println!("<figure data-lab={}><figcaption>{}</figcaption></figure>", l.id, l.caption_html) } }
            println!("{}", e.references_section());
        } } }
    }
    println!("<!-- wanted {} -->", book::wanted_values(dir.as_ref()).len());
}
